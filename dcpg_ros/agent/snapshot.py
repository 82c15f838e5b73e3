"""The one thing agents say to each other: theta_i^k, and a few words about the step that made it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from dcpg_ros.agent import wire
from dcpg_ros.agent.schema import Schema, Theta
from dcpg_ros.core.errors import WireError

SHOWN = 64  # weights that are written out
HEADER_ALLOWANCE = 16_384  # bytes that metadata and tensor names may add to the parameters


class Snapshot(NamedTuple):
    """theta_i^k of one agent."""

    agent: str
    incarnation: str  # new at every process start
    round: int  # k
    theta: Theta  # flat
    stamp_ns: int = 0
    mean_return: float = 0.0  # of the batch whose increment made this theta
    increment_norm: float = 0.0
    weights: str = ""  # the row of W used, for the reader of a bag


def encode(snapshot: Snapshot, schema: Schema) -> bytes:
    """The payload of ``/<agent>/policy``."""
    metadata = {
        "agent": snapshot.agent,
        "incarnation": snapshot.incarnation,
        "round": str(snapshot.round),
        "schema": schema.digest,
        "stamp_ns": str(snapshot.stamp_ns),
        "return": repr(float(snapshot.mean_return)),
        "increment_norm": repr(float(snapshot.increment_norm)),
        "weights": snapshot.weights,
    }
    return wire.pack(schema.split(snapshot.theta), metadata)


def decode(payload: bytes, schema: Schema) -> Snapshot:
    """The snapshot in a payload, checked: version, digest, shapes, finite values.

    Raises:
        WireError: whatever else the bytes are.
    """
    limit = schema.size * (8 if schema.dtype == "float64" else 4) + HEADER_ALLOWANCE
    tensors, metadata = wire.unpack(payload, limit)
    if metadata.get("schema") != schema.digest:
        raise WireError(f"schema {metadata.get('schema')!r}, allowed: {schema.digest!r}")
    return Snapshot(
        agent=metadata.get("agent", ""),
        incarnation=metadata.get("incarnation", ""),
        round=wire.integer(metadata, "round"),
        theta=schema.join(tensors),
        stamp_ns=wire.integer(metadata, "stamp_ns"),
        mean_return=wire.number(metadata, "return"),
        increment_norm=wire.number(metadata, "increment_norm"),
        weights=metadata.get("weights", ""),
    )


def show_weights(row: Mapping[int, float], names: tuple[str, ...]) -> str:
    """The row of W in words, ``agent_0=0.5 agent_1=0.25``; of a large hub just how many it hears."""
    if len(row) > SHOWN:
        return f"{len(row)} agents"
    return " ".join(f"{names[j]}={weight!r}" for j, weight in row.items())
