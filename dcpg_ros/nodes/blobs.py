"""Payloads in and out of ``std_msgs/UInt8MultiArray``, by way of its serialised form.

That form is sixteen bytes and the payload. From a message object rclpy makes it by copying the bytes three
times, and back: two thirds of what it costs to send one and to hear it.
"""

from __future__ import annotations

from rclpy.serialization import deserialize_message
from std_msgs.msg import UInt8MultiArray

from dcpg_ros.core.errors import WireError

PREFIX = bytes.fromhex("00010000 00000000 00000000")  # little-endian CDR; no dimensions; no data offset
LENGTH = slice(len(PREFIX), len(PREFIX) + 4)


def serialised(payload: bytes) -> bytes:
    """The message of these bytes, for ``publish``."""
    return b"".join((PREFIX, len(payload).to_bytes(4, "little"), payload))


def payload_of(message: bytes) -> bytes:
    """The bytes of a message as a subscription with ``raw=True`` gives it.

    Raises:
        WireError: if it is none.
    """
    end = LENGTH.stop + int.from_bytes(message[LENGTH], "little")
    if message.startswith(PREFIX) and end <= len(message):
        return message[LENGTH.stop : end]
    try:  # from a middleware that writes it otherwise, or with dimensions
        return bytes(deserialize_message(message, UInt8MultiArray).data)
    except Exception as error:  # whatever the middleware makes of bytes that are no message
        raise WireError(f"no UInt8MultiArray: {error}") from None
