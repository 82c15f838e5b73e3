"""Qualities of service, and bytes in and out of the standard message that carries them."""

from __future__ import annotations

from array import array

from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy
from std_msgs.msg import UInt8MultiArray


def latched(depth: int) -> QoSProfile:
    """Reliable, and kept for those who come late: nobody has to wait for a match before speaking."""
    return QoSProfile(
        history=HistoryPolicy.KEEP_LAST,
        depth=depth,
        reliability=ReliabilityPolicy.RELIABLE,
        durability=DurabilityPolicy.TRANSIENT_LOCAL,
    )


# A neighbour may rightly be one round ahead, so two snapshots of it are under way: depth 1 deadlocks a ring.
POLICY_QOS = latched(2)
BATCH_QOS = latched(1)


def blob(payload: bytes) -> UInt8MultiArray:
    """A message of these bytes; through array.array, since rclpy checks any other type byte by byte."""
    message = UInt8MultiArray()
    message.data = array("B", payload)
    return message
