"""Qualities of service."""

from __future__ import annotations

from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy


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
