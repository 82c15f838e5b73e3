"""What a learner and an environment remember from one round to the next, and its place in a checkpoint.

Most have nothing to remember: their random numbers are a function of the round. An optimiser has its moments,
a critic its weights, and drones are somewhere in the middle of a flight.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

import numpy as np

from dcpg_ros.agent.schema import Theta
from dcpg_ros.core.errors import CheckpointError, one_line
from dcpg_ros.core.experience import Memory
from dcpg_ros.core.learner import Learning

LEARNING = "learning"  # of a round of which the first half is done
NAMES = ("learner", "environment", LEARNING)  # what memory is filed under: ``learner/<name>``


@runtime_checkable
class Remembering(Protocol):
    """A learner or an environment that goes on from where it was."""

    def memory(self) -> Memory:
        """All that ``restore`` needs; what is handed out does not change any more."""

    def restore(self, memory: Memory) -> None:
        """Makes it as it was when this was its memory."""


def remembering(parts: Mapping[str, object]) -> dict[str, Remembering]:
    """Those of the parts that have a memory."""
    return {name: part for name, part in parts.items() if isinstance(part, Remembering)}


def gather(parts: Mapping[str, Remembering]) -> Memory:
    """The memories of all parts, as ``<part>/<name>``."""
    return {f"{name}/{key}": array for name, part in parts.items() for key, array in part.memory().items()}


def scatter(memory: Memory, parts: Mapping[str, Remembering]) -> None:
    """Gives all parts back what was gathered from them.

    Raises:
        CheckpointError: if it is not theirs.
    """
    for name, part in parts.items():
        try:
            part.restore(under(name, memory))
        except (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError) as error:
            words = f"the memory does not fit the {name}: {type(error).__name__}: {error}"
            raise CheckpointError(one_line(words)) from None


def under(name: str, memory: Memory) -> Memory:
    """What is filed under a name."""
    return {key.removeprefix(f"{name}/"): part for key, part in memory.items() if key.startswith(f"{name}/")}


def write_learning(learning: Learning) -> Memory:
    """The outcome of a first half whose second is still to come."""
    parts = {
        "increment": learning.increment,
        "mean_return": np.array(learning.mean_return, np.float64),
        "environment_steps": np.array(learning.environment_steps, np.int64),
    }
    return {f"{LEARNING}/{name}": part for name, part in parts.items()}


def read_learning(memory: Memory, theta: Theta) -> Learning | None:
    """The same again, made for this theta; nothing if the checkpoint was made between two rounds.

    Raises:
        CheckpointError: if a part of it is missing or is no number, or theta cannot take it.
    """
    parts = under(LEARNING, memory)
    if not parts:
        return None
    try:
        increment, mean_return = parts["increment"], float(parts["mean_return"])
        steps = int(parts["environment_steps"])
    except (LookupError, TypeError, ValueError, OverflowError):
        raise CheckpointError("of a round half done, without what was learnt") from None
    if (increment.shape, increment.dtype) != (theta.shape, theta.dtype) or not np.isfinite(increment).all():
        raise CheckpointError("of a round half done, with an increment that theta cannot take")
    if not np.isfinite(mean_return) or steps < 0:
        raise CheckpointError("of a round half done, with numbers that cannot be")
    return Learning(increment, mean_return, steps)
