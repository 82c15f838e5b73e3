import time
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcpg_ros.core.errors import WireError
from dcpg_ros.simulator.rpc.framing import Framer, MessageLimits

encode = msgspec.msgpack.encode

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text()
    | st.binary()
    | st.builds(msgspec.msgpack.Ext, st.integers(-128, 127), st.binary(max_size=20)),
    lambda inner: st.lists(inner, max_size=20) | st.dictionaries(st.text(max_size=40), inner, max_size=20),
    max_leaves=30,
)

# One object of each tag that MessagePack has: its head, and what must follow.
FIXED = {0xC0: 0, 0xC2: 0, 0xC3: 0, 0xCA: 4, 0xCB: 8, 0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8, 0xD0: 1, 0xD1: 2,
         0xD2: 4, 0xD3: 8, 0xD4: 2, 0xD5: 3, 0xD6: 5, 0xD7: 9, 0xD8: 17}  # fmt: skip
OBJECTS = [
    *(bytes([tag]) for tag in [*range(0x80), *range(0xE0, 0x100)]),
    *(bytes([0x80 | count]) + b"\x01" * 2 * count for count in range(16)),
    *(bytes([0x90 | count]) + b"\x01" * count for count in range(16)),
    *(bytes([0xA0 | length]) + b"a" * length for length in range(32)),
    *(bytes([tag]) + b"\x00" * length for tag, length in FIXED.items()),
    *(bytes([tag]) + (3).to_bytes(width, "big") + b"abc"
      for tag, width in [(0xC4, 1), (0xC5, 2), (0xC6, 4), (0xD9, 1), (0xDA, 2), (0xDB, 4)]),
    *(bytes([tag]) + (3).to_bytes(width, "big") + b"\x07abc"
      for tag, width in [(0xC7, 1), (0xC8, 2), (0xC9, 4)]),
    *(bytes([tag]) + (3).to_bytes(width, "big") + b"\x01" * members
      for tag, width, members in [(0xDC, 2, 3), (0xDD, 4, 3), (0xDE, 2, 6), (0xDF, 4, 6)]),
]  # fmt: skip


def cut(stream, places):
    edges = [0, *sorted(place % (len(stream) + 1) for place in places), len(stream)]
    return [stream[begin:end] for begin, end in pairwise(edges)]


def messages_of(framer, chunks):
    found = []
    for chunk in chunks:
        framer.feed(chunk)
        while (message := framer.next()) is not None:
            found.append(message)
    return found


@given(objects=st.lists(values, max_size=6), places=st.lists(st.integers(0, 10**6), max_size=12))
def test_a_stream_falls_into_its_messages_however_it_arrives(objects, places):
    messages = [encode(value) for value in objects]
    framer = Framer()
    assert messages_of(framer, cut(b"".join(messages), places)) == messages
    assert len(framer) == 0


@pytest.mark.parametrize("message", OBJECTS, ids=lambda message: message[:6].hex())
def test_every_tag_has_its_length(message):
    assert messages_of(Framer(), [message + message]) == [message, message]
    assert messages_of(Framer(), [bytes([byte]) for byte in message]) == [message]
    for length in range(len(message)):
        framer = Framer()
        framer.feed(message[:length])
        assert framer.next() is None


def test_every_tag_but_one_is_tried_above():
    assert {message[0] for message in OBJECTS} == set(range(256)) - {0xC1}


@given(data=st.binary(min_size=1, max_size=40))
def test_random_bytes_are_cut_where_msgspec_sees_an_object_end(data):
    expected = None
    for end in range(1, len(data) + 1):
        try:
            msgspec.msgpack.Decoder(msgspec.Raw).decode(data[:end])
        except msgspec.DecodeError:
            continue
        expected = data[:end]
        break
    framer = Framer()
    framer.feed(data)
    try:
        assert framer.next() == expected
    except WireError:
        assert expected is None


def test_the_byte_that_messagepack_never_uses_is_refused():
    framer = Framer()
    framer.feed(b"\x93\x01\xc1")
    with pytest.raises(WireError, match="no MessagePack: the byte 0xc1"):
        framer.next()


LIMITS = MessageLimits(size=1000, objects=100, depth=4)


@pytest.mark.parametrize(
    ("start", "reason"),
    [
        (b"\xdd\x05\xf5\xe1\x00", "1000 bytes"),  # an array of 10^8
        (b"\xdf\xff\xff\xff\xff", "1000 bytes"),  # a map of 2^32 - 1
        (b"\xc6\x06\x40\x00\x00", "1000 bytes"),  # 100 MB of bytes
        (b"\xdb\x00\x00\x03\xe8", "1000 bytes"),  # a text that is five too long with its head
        (b"\xc9\xff\xff\xff\xff", "1000 bytes"),
        (b"\xdc\x00\x64", "100 objects"),  # the array itself is one too
        (b"\x91\x91\x91\x91\x91", "deeper than 4"),
    ],
)
def test_what_is_over_a_limit_is_refused_when_it_is_announced(start, reason):
    framer = Framer(LIMITS)
    framer.feed(start)
    with pytest.raises(WireError, match=reason):
        framer.next()


@pytest.mark.parametrize(
    "message",
    [encode(bytes(997)), encode([1] * 99), encode([[[[1]]]]), encode([[[[]]], [[[]]]])],
    ids=["bytes", "objects", "depth", "depth again"],
)
def test_what_is_just_within_the_limits_passes(message):
    assert messages_of(Framer(LIMITS), [message[:3], message[3:]]) == [message]


def test_objects_count_over_all_levels():
    framer = Framer(LIMITS)
    framer.feed(encode([[1] * 60, [1] * 60])[:-1])
    with pytest.raises(WireError, match="100 objects"):
        framer.next()


def test_a_long_message_in_small_chunks_is_not_scanned_again_for_each():
    message = encode([1.5] * 100_000)

    def cpu_time(chunks):
        start = time.process_time()
        assert messages_of(Framer(), chunks) == [message]
        return time.process_time() - start

    whole = cpu_time([message[:-1], message[-1:]])
    pieces = cpu_time([message[place : place + 200] for place in range(0, len(message), 200)])
    assert pieces < 20 * whole  # scanned again for each of the 4,500 chunks it would be 2,000 times as long
