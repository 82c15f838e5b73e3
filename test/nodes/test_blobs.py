from contextlib import suppress

import pytest

pytest.importorskip("rclpy")

from hypothesis import given
from hypothesis import strategies as st
from rclpy.serialization import deserialize_message, serialize_message
from std_msgs.msg import MultiArrayDimension, MultiArrayLayout, UInt8MultiArray

from dcpg_ros.core.errors import WireError
from dcpg_ros.nodes.blobs import payload_of, serialised

pytestmark = pytest.mark.ros


@given(st.binary(max_size=100))
def test_ros_reads_what_is_serialised(payload: bytes) -> None:
    message = deserialize_message(serialised(payload), UInt8MultiArray)
    assert bytes(message.data) == payload
    assert message.layout == MultiArrayLayout()


@given(st.binary(max_size=100))
def test_what_ros_serialises_is_read(payload: bytes) -> None:
    assert payload_of(serialize_message(UInt8MultiArray(data=payload))) == payload


def test_message_with_dimensions_is_read_too() -> None:
    layout = MultiArrayLayout(dim=[MultiArrayDimension(label="bytes", size=3, stride=3)], data_offset=1)
    assert payload_of(serialize_message(UInt8MultiArray(layout=layout, data=b"abc"))) == b"abc"


def test_big_endian_message_is_read_too() -> None:
    message = bytes.fromhex("00000000 00000000 00000000 00000003") + b"abc"
    assert payload_of(message) == b"abc"


@given(st.binary(max_size=60))
def test_noise_is_refused_or_is_bytes(noise: bytes) -> None:
    with suppress(WireError):
        assert isinstance(payload_of(noise), bytes)


@pytest.mark.parametrize("message", [b"", serialised(b"abc")[:-1], serialised(b"abc")[:10]])
def test_cut_message_is_refused(message: bytes) -> None:
    with pytest.raises(WireError, match="no UInt8MultiArray"):
        payload_of(message)
