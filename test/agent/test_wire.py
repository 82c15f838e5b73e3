import json

import numpy as np
import pytest
import safetensors
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from safetensors.numpy import load, save

from dcpg_ros.agent.wire import ALIGNMENT, PROTOCOL, TYPES, integer, number, pack, unpack
from dcpg_ros.core.errors import WireError

LIMIT = 100_000
DTYPES = st.sampled_from(list(TYPES.values()))
TENSORS = st.dictionaries(
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=8).filter(lambda name: name != "__metadata__"),
    arrays.arrays(DTYPES, arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)),
    max_size=3,
)
WORDS = st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=4).filter(
    lambda words: "protocol" not in words
)
PAYLOAD = pack({"policy.theta": np.arange(6.0).reshape(2, 3), "b": np.ones(3, np.int32)}, {"agent": "ada"})


def raw(header, data=b""):
    """Any header before any data, in the layout of safetensors."""
    text = header if isinstance(header, bytes) else json.dumps(header, separators=(",", ":")).encode()
    return len(text).to_bytes(8, "little") + text + data


def entry(dtype="F64", shape=(2,), offsets=(0, 16), **more):
    return {"dtype": dtype, "shape": shape, "data_offsets": offsets, **more}


def unpack_or_refuse(payload):
    """Nothing but WireError comes out, or tensors and words."""
    try:
        tensors, words = unpack(payload, LIMIT)
    except WireError:
        return
    assert words["protocol"] == PROTOCOL
    assert sum(tensor.nbytes for tensor in tensors.values()) <= len(payload)
    assert all(isinstance(tensor, np.ndarray) for tensor in tensors.values())
    assert all(isinstance(word, str) for word in words.values())


def assert_same(found, tensors):
    assert found.keys() == tensors.keys()
    for name, tensor in tensors.items():
        assert (found[name].dtype, found[name].shape) == (tensor.dtype, tensor.shape)
        assert found[name].tobytes() == tensor.tobytes()


@given(TENSORS, WORDS)
def test_what_is_packed_comes_out_to_the_bit(tensors, words):
    found, said = unpack(pack(tensors, words), LIMIT)
    assert said == {"protocol": PROTOCOL, **words}
    assert_same(found, tensors)


@given(TENSORS, WORDS)
def test_library_reads_what_is_packed(scratch, tensors, words):
    payload = pack(tensors, words)
    assert_same(load(payload), tensors)
    path = scratch / "packed.safetensors"
    path.write_bytes(payload)
    with safetensors.safe_open(path, "numpy") as file:
        assert file.metadata() == {"protocol": PROTOCOL, **words}


@given(TENSORS, WORDS)
def test_what_the_library_saves_is_unpacked(tensors, words):
    found, said = unpack(save(tensors, {"protocol": PROTOCOL, **words}), LIMIT)
    assert said == {"protocol": PROTOCOL, **words}
    assert_same(found, tensors)


@given(TENSORS, WORDS)
def test_same_content_has_the_same_bytes_and_lies_aligned(tensors, words):
    payload = pack(tensors, words)
    assert pack(dict(tensors), dict(words)) == payload
    assert int.from_bytes(payload[:8], "little") % ALIGNMENT == 0


def test_unpacked_arrays_are_views_that_nobody_can_change():
    found, _ = unpack(PAYLOAD, LIMIT)
    for array in found.values():
        assert not array.flags.writeable
        assert not array.flags.owndata


@pytest.mark.parametrize(
    "view",
    [
        lambda a: a.T,
        lambda a: a[::2],
        lambda a: a[:, ::-1],
        lambda a: a[1:3, 1:2],
        lambda a: np.asfortranarray(a),
        lambda a: np.broadcast_to(a[:1], (5, 4)),
        lambda a: a[[3, 0]],
    ],
)
def test_arrays_that_do_not_lie_in_one_piece_come_out_right(view):
    array = view(np.arange(24.0).reshape(6, 4))
    found, _ = unpack(pack({"a": array}, {}), LIMIT)
    np.testing.assert_array_equal(found["a"], array)


def test_size_is_allowed_up_to_the_limit():
    unpack(PAYLOAD, len(PAYLOAD))
    with pytest.raises(WireError, match=f"{len(PAYLOAD)} bytes, allowed: at most {len(PAYLOAD) - 1}"):
        unpack(PAYLOAD, len(PAYLOAD) - 1)


@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": "), (" ,  ", " :  ")])
@pytest.mark.parametrize("order", [["__metadata__", "a", "b"], ["a", "__metadata__", "b"]])
def test_header_may_be_written_in_any_way_that_json_allows(separators, order):
    tensors = {"a": np.arange(3.0), "b": np.array([1, 2], np.int8)}
    header = {
        "__metadata__": {"protocol": PROTOCOL, "agent": "ada"},
        "a": entry("F64", [3], [0, 24]),
        "b": entry("I8", [2], [24, 26]),
    }
    text = json.dumps({name: header[name] for name in order}, separators=separators)
    payload = raw(f"{text}  ".encode(), b"".join(array.tobytes() for array in tensors.values()))
    found, words = unpack(payload, LIMIT)
    assert words == header["__metadata__"]
    assert_same(found, tensors)


@given(st.binary(max_size=300))
def test_noise_is_refused(noise):
    with pytest.raises(WireError):
        unpack(noise, LIMIT)


def test_every_truncation_is_refused():
    for length in range(len(PAYLOAD)):
        with pytest.raises(WireError):
            unpack(PAYLOAD[:length], LIMIT)


@given(st.binary(min_size=1, max_size=20))
def test_what_follows_a_payload_makes_it_wrong(tail):
    with pytest.raises(WireError):
        unpack(PAYLOAD + tail, LIMIT)


@given(st.lists(st.tuples(st.integers(0, len(PAYLOAD) - 1), st.integers(1, 255)), min_size=1, max_size=3))
@settings(max_examples=150)
def test_flipped_bits_are_refused_or_give_arrays(flips):
    damaged = bytearray(PAYLOAD)
    for position, mask in flips:
        damaged[position] ^= mask
    unpack_or_refuse(bytes(damaged))


SIZES = st.sampled_from([0, 1, 2, 3, 8, 24, -1, 2**31, 2**63, 2**64, 1.5, None, "8"])
DTYPE_NAMES = st.sampled_from(
    ["F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2", "F4", "C64", "I64", "U8", "BOOL", "f64", "", None, 7]
)
TENSOR_INFO = st.fixed_dictionaries(
    {},
    optional={
        "dtype": DTYPE_NAMES,
        "shape": st.lists(SIZES, max_size=3) | st.none() | st.just([1] * 70),
        "data_offsets": st.lists(SIZES, max_size=3) | st.tuples(st.just(0), SIZES),
        "surprise": SIZES,
    },
)
JSON = st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.lists(st.none(), max_size=2)
METADATA = (
    st.just({"protocol": "1"}) | st.dictionaries(st.just("protocol") | st.text(max_size=3), JSON) | JSON
)
HEADERS = st.one_of(
    JSON,
    st.fixed_dictionaries({}, optional={"__metadata__": METADATA, "a": TENSOR_INFO, "b": TENSOR_INFO | JSON}),
)


@given(HEADERS, st.just(0) | st.integers(0, 24))
@settings(max_examples=200)
def test_header_of_any_content_is_refused_or_gives_arrays(header, length):
    unpack_or_refuse(raw(header, bytes(length)))


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xff" * 8,
        (2**63).to_bytes(8, "little") + b"{}",
        raw(b""),
        raw(b"{"),
        raw(b"\xff\xfe{}"),
        raw(b"[" * 20_000),
        raw(b'{"a":' * 5_000),
        raw({}),
        raw({"__metadata__": {}}),
        raw({"__metadata__": None}),
        raw({"__metadata__": "1"}),
        raw({"__metadata__": {"protocol": 1}}),
        raw({"__metadata__": {"protocol": ["1"]}}),
        raw({"__metadata__": {"protocol": "1", "agent": 7}}),
        raw({"__metadata__": {"protocol": "1", "agent": None}}),
        raw([]),
        raw(None),
        raw("__metadata__"),
        raw({"__metadata__": {"protocol": "0"}}),
        raw({"__metadata__": {"protocol": "2"}}),
        raw({"__metadata__": {"protocol": "01"}}),
        raw({"a": {"dtype": "F64", "shape": [1], "data_offsets": [0, 8]}}, bytes(8)),
    ],
)
def test_header_that_is_not_of_this_protocol_is_refused(payload):
    with pytest.raises(WireError):
        unpack(payload, LIMIT)


@pytest.mark.parametrize(
    "tensors",
    [
        {"a": entry(offsets=(0, 8))},
        {"a": entry(offsets=(8, 16))},
        {"a": entry(offsets=(16, 0))},
        {"a": entry(offsets=(0, 16, 16))},
        {"a": entry(offsets=(0.0, 16.0))},
        {"a": entry(offsets="02")},
        {"a": entry(offsets=None)},
        {"a": entry(shape=(3,))},
        {"a": entry(shape=(-2,))},
        {"a": entry(shape=(-1, -2))},
        {"a": entry(shape=(2.0,))},
        {"a": entry(shape=("2",))},
        {"a": entry(shape="2")},
        {"a": entry(shape=None)},
        {"a": entry(shape=2)},
        {"a": entry(shape={"2": 2})},
        {"a": entry(shape=(2**63, 0), offsets=(0, 0)), "b": entry()},
        {"a": entry(shape=(2**61, 2**3), offsets=(0, 2**67))},
        {"a": entry(shape=(float("nan"),))},
        {"a": entry(shape=(float("inf"),), offsets=(0, float("inf")))},
        {"a": entry(shape=[1] * 70 + [2])},
        {"a": entry(dtype="BF16", shape=(8,))},
        {"a": entry(dtype=None)},
        {"a": entry(dtype=["F64"])},
        {"a": None},
        {"a": []},
        {"a": {}},
        {"a": entry(), "b": entry()},
        {"a": entry(shape=(1,), offsets=(0, 8)), "b": entry(shape=(1,), offsets=(0, 8))},
        {"b": entry(shape=(1,), offsets=(8, 16)), "a": entry(shape=(1,), offsets=(0, 8))},
        {},
    ],
)
def test_array_that_is_not_where_it_claims_to_be_is_refused(tensors):
    metadata = {"__metadata__": {"protocol": PROTOCOL}}
    unpack(raw({**metadata, "a": entry()}, bytes(16)), LIMIT)  # such is right
    with pytest.raises(WireError):
        unpack(raw({**metadata, **tensors}, bytes(16)), LIMIT)


@given(st.integers(0, 10**19 - 1))
def test_whole_number_of_the_metadata(value):
    assert integer({"k": str(value)}, "k") == value


@pytest.mark.parametrize(
    "text", ["", "-1", "+1", " 1", "1 ", "1.0", "1e3", "1_000", "0x1", "²", "٣", "one", "9" * 20, "9" * 5000]
)
def test_what_is_no_whole_number_is_refused(text):
    with pytest.raises(WireError, match=r"^k .*allowed: a whole number$"):
        integer({"k": text}, "k")
    with pytest.raises(WireError, match=r"^missing .*allowed: a whole number$"):
        integer({"k": text}, "missing")


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_real_number_of_the_metadata_is_exact(value):
    assert number({"k": repr(value)}, "k") == value


@pytest.mark.parametrize("text", ["", "one", "1,5", "--1", "1 2", "x" * 5000])
def test_what_is_no_real_number_is_refused(text):
    with pytest.raises(WireError, match=r"^k .*allowed: a finite number$"):
        number({"k": text}, "k")
    with pytest.raises(WireError, match=r"^missing .*allowed: a finite number$"):
        number({"k": text}, "missing")
