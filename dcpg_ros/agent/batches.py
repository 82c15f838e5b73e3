"""Asking a simulator for a batch, and its answer: the messages of the GridWorld node's topics.

Four keys name a batch: agent, incarnation, round, request number. An answer counts only if all four are
those asked for last, so that a late one is never learned from twice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dcpg_ros.agent import wire
from dcpg_ros.agent.schema import Schema, Theta
from dcpg_ros.agent.snapshot import HEADER_ALLOWANCE
from dcpg_ros.core.errors import WireError
from dcpg_ros.core.sampling import Episodes

ANSWER_TYPES = {
    "states": np.dtype(np.int32),
    "actions": np.dtype(np.int8),
    "rewards": np.dtype(np.float64),
    "lengths": np.dtype(np.int32),
}
BYTES_PER_STEP = 4 + 1 + 8  # state, action, reward


@dataclass(frozen=True)
class BatchKey:
    """Which batch is meant."""

    agent: str
    incarnation: str
    round: int
    request: int  # counts the times that this round's batch was asked for

    def metadata(self) -> wire.Metadata:
        """As the words of a message."""
        return {
            "agent": self.agent,
            "incarnation": self.incarnation,
            "round": str(self.round),
            "request": str(self.request),
        }

    @classmethod
    def read(cls, metadata: wire.Metadata) -> BatchKey:
        """From the words of a message.

        Raises:
            WireError: if round or request are no whole numbers.
        """
        agent, incarnation = metadata.get("agent", ""), metadata.get("incarnation", "")
        return cls(agent, incarnation, wire.integer(metadata, "round"), wire.integer(metadata, "request"))


def encode_request(key: BatchKey, theta: Theta, schema: Schema) -> bytes:
    """The payload of ``/<agent>/gridworld/request``."""
    return wire.pack(schema.split(theta), {**key.metadata(), "schema": schema.digest})


def decode_request(payload: bytes, schema: Schema) -> tuple[BatchKey, Theta]:
    """The key and theta of a request.

    Raises:
        WireError: whatever else the bytes are.
    """
    tensors, metadata = wire.unpack(payload, schema.size * 8 + HEADER_ALLOWANCE)
    return BatchKey.read(metadata), schema.join(tensors)


def encode_answer(key: BatchKey, episodes: Episodes) -> bytes:
    """The payload of ``/<agent>/gridworld/response``."""
    tensors = {name: getattr(episodes, name) for name in ANSWER_TYPES}
    return wire.pack(tensors, key.metadata())


def decode_answer(payload: bytes, episodes: int, horizon: int, schema: Schema) -> tuple[BatchKey, Episodes]:
    """The key and the episodes of an answer, every number within its range.

    Raises:
        WireError: whatever else the bytes are.
    """
    limit = episodes * (horizon * BYTES_PER_STEP + 4) + HEADER_ALLOWANCE
    tensors, metadata = wire.unpack(payload, limit)
    key = BatchKey.read(metadata)
    if {name: tensor.dtype for name, tensor in tensors.items()} != ANSWER_TYPES:
        raise WireError("an answer of other names or types")
    batch = Episodes(**tensors)
    shape = batch.states.shape
    if len(shape) != 2 or shape[0] != episodes or shape[1] > horizon or batch.lengths.shape != shape[:1]:
        raise WireError("an answer of another shape")
    if not shape == batch.actions.shape == batch.rewards.shape:
        raise WireError("an answer of another shape")
    _, (n_states, n_actions) = schema.shapes[0]
    for part, size in ((batch.states, n_states), (batch.actions, n_actions), (batch.lengths, shape[1] + 1)):
        if part.size and not 0 <= part.min() <= part.max() < size:
            raise WireError("an answer with numbers out of range")
    if not np.isfinite(batch.rewards).all():
        raise WireError("a reward that is not finite")
    return key, batch
