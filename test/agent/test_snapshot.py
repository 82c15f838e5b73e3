import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from dcpg_ros.agent import wire
from dcpg_ros.agent.schema import Schema
from dcpg_ros.agent.snapshot import HEADER_ALLOWANCE, Snapshot, decode, encode, show_weights
from dcpg_ros.assembly.parts import identity_of, schema_of
from dcpg_ros.core.errors import WireError

TABLE = Schema.table(3, 4)
NETWORK = Schema((("policy.weight", (2, 3)), ("policy.bias", (5,))), "float32")
FINITE = st.floats(allow_nan=False, allow_infinity=False)
WHOLE = st.integers(0, 10**19 - 1)


def thetas(schema):
    width = 64 if schema.dtype == "float64" else 32
    return arrays.arrays(
        schema.dtype, schema.size, elements=st.floats(allow_nan=False, allow_infinity=False, width=width)
    )


def snapshots(schema):
    words = st.text(max_size=20)
    return st.builds(
        Snapshot, words, words, WHOLE, thetas(schema), stamp_ns=WHOLE,
        mean_return=FINITE, increment_norm=FINITE, weights=words,
    )  # fmt: skip


def assert_same(snapshot, other):
    for name, mine, theirs in zip(Snapshot._fields, snapshot, other, strict=True):
        if name == "theta":
            assert (mine.dtype, mine.tobytes()) == (theirs.dtype, theirs.tobytes())
        else:
            assert mine == theirs


PLAIN = Snapshot("ada", "1f", 7, np.arange(12.0), 5, 0.25, 1.5, "ada=0.5 bob=0.5")
PAYLOAD = encode(PLAIN, TABLE)


@given(st.one_of(st.tuples(st.just(schema), snapshots(schema)) for schema in (TABLE, NETWORK)))
def test_every_field_comes_out_as_it_went_in(case):
    schema, snapshot = case
    assert_same(decode(encode(snapshot, schema), schema), snapshot)


@pytest.mark.parametrize("schema", [TABLE, NETWORK])
def test_theta_that_does_not_lie_in_one_piece_comes_out_right(schema):
    theta = np.arange(3.0 * schema.size).astype(schema.dtype)[::3]
    snapshot = PLAIN._replace(theta=theta)
    assert_same(decode(encode(snapshot, schema), schema), snapshot)


def repacked(**words):
    """The plain snapshot, with some words of its metadata different, or gone where None."""
    tensors, metadata = wire.unpack(PAYLOAD, len(PAYLOAD))
    merged = {**metadata, **words}
    return wire.pack(tensors, {name: word for name, word in merged.items() if word is not None})


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"protocol": "2"}, "protocol '2'"),
        ({"protocol": ""}, "protocol ''"),
        ({"schema": NETWORK.digest}, "schema"),
        ({"schema": None}, "schema None"),
        ({"round": None}, "round"),
        ({"round": "-1"}, "round '-1'"),
        ({"round": "1.5"}, "round '1.5'"),
        ({"round": "9" * 30}, "round"),
        ({"stamp_ns": "yesterday"}, "stamp_ns"),
        ({"stamp_ns": None}, "stamp_ns"),
        ({"return": "good"}, "return"),
        ({"return": None}, "return"),
        ({"increment_norm": "small"}, "increment_norm"),
    ],
)
def test_wrong_words_are_refused(words, message):
    with pytest.raises(WireError, match=message):
        decode(repacked(**words), TABLE)


@pytest.mark.parametrize("word", ["return", "increment_norm"])
@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
def test_scalars_that_are_not_finite_are_refused(word, value):
    with pytest.raises(WireError, match=word):  # section 3 of the design: every value finite
        decode(repacked(**{word: value}), TABLE)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("schema", [TABLE, NETWORK])
def test_theta_that_is_not_finite_is_refused(schema, value):
    theta = np.zeros(schema.size, schema.dtype)
    theta[schema.size // 2] = value
    with pytest.raises(WireError, match="not finite"):
        decode(encode(PLAIN._replace(theta=theta), schema), schema)


def test_theta_of_another_schema_is_refused_even_if_it_claims_this_one():
    parts = Schema.table(4, 3).split(np.zeros(12))
    _, words = wire.unpack(PAYLOAD, len(PAYLOAD))
    with pytest.raises(WireError, match="not those of this theta"):
        decode(wire.pack(parts, words), TABLE)


def test_payload_over_the_limit_is_refused_unread():
    limit = TABLE.size * 8 + HEADER_ALLOWANCE
    with pytest.raises(WireError, match=f"allowed: at most {limit}"):
        decode(PAYLOAD + bytes(limit), TABLE)
    with pytest.raises(WireError, match=f"allowed: at most {limit}"):
        decode(repacked(weights="w" * limit), TABLE)


@given(st.binary(max_size=200))
def test_noise_is_refused(noise):
    with pytest.raises(WireError):
        decode(noise, TABLE)


def test_every_truncation_is_refused():
    for length in range(len(PAYLOAD)):
        with pytest.raises(WireError):
            decode(PAYLOAD[:length], TABLE)


@given(st.lists(st.tuples(st.integers(0, len(PAYLOAD) - 1), st.integers(1, 255)), min_size=1, max_size=3))
@settings(max_examples=150)
def test_flipped_bits_are_refused_or_give_a_valid_snapshot(flips):
    damaged = bytearray(PAYLOAD)
    for position, mask in flips:
        damaged[position] ^= mask
    try:
        snapshot = decode(bytes(damaged), TABLE)
    except WireError:
        return
    assert (snapshot.theta.shape, snapshot.theta.dtype) == ((12,), np.float64)
    assert np.isfinite(snapshot.theta).all()
    assert snapshot.round >= 0
    assert snapshot.stamp_ns >= 0


def test_weights_are_shown_by_name_and_exactly():
    row = {0: 1 / 3, 2: 2 / 3}
    shown = show_weights(row, ("ada", "bob", "cyd"))
    assert dict(part.split("=") for part in shown.split()) == {"ada": repr(1 / 3), "cyd": repr(2 / 3)}


@pytest.mark.parametrize("size", [3, 100, 1000])
def test_hub_of_a_star_is_understood_by_its_neighbours(make_scenario, size):
    scenario = make_scenario(size, graph={"topology": "star"})
    schema, hub = schema_of(scenario), identity_of(scenario, 0)
    snapshot = Snapshot(
        hub.name, hub.incarnation, 1, scenario.initial_theta.ravel(), weights=hub.weights_shown
    )
    assert_same(decode(encode(snapshot, schema), schema), snapshot)
