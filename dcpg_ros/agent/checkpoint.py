"""Checkpoints: an agent's state on disk, and the newest set of states that a run can go on from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path

from dcpg_ros.agent import memory, wire
from dcpg_ros.agent.run_folder import write_atomically
from dcpg_ros.agent.schema import Schema
from dcpg_ros.agent.state import AgentState
from dcpg_ros.core.errors import CheckpointError, WireError

SUFFIX = ".safetensors"
NAME = re.compile(r"([0-9]{10})\.safetensors")
KEEP = 3  # at least, of each agent
THETAS = ("theta", "previous")
ARRAYS = (*THETAS, "memory")


class CheckpointStore:
    """The checkpoints of one agent: ``<folder>/<round>.safetensors``.

    Regular ones are of every ``every``-th round. Those that a stop leaves between them take no regular one's
    place, so that a run that was stopped and resumed ends with the same as one that never was.
    """

    def __init__(self, folder: Path, schema: Schema, keep: int = KEEP, every: int = 1) -> None:
        self.folder, self.schema, self.keep, self.every = folder, schema, keep, every

    def save(self, state: AgentState) -> None:
        """Writes the state, then forgets all but the newest ``keep`` and the newest ``keep`` regular ones."""
        self.folder.mkdir(parents=True, exist_ok=True)
        tensors = dict(state.memory)
        for name in THETAS:
            theta = getattr(state, name)
            if theta is not None:
                tensors.update({f"{name}/{key}": part for key, part in self.schema.split(theta).items()})
        words = {
            field.name: repr(getattr(state, field.name))
            for field in fields(state)
            if field.name not in ARRAYS
        }
        payload = wire.pack(tensors, {"schema": self.schema.digest, **words})
        write_atomically(self.path(state.round), payload)
        rounds, regular = self.rounds(), self.regular()
        self.forget(sorted({*rounds} - {*rounds[-self.keep :], *regular[-self.keep :]}))

    def load(self, round: int) -> AgentState:
        """The state at the start of this round.

        Raises:
            CheckpointError: if the file is missing, damaged, or of another scenario.
        """
        path = self.path(round)
        try:
            payload = path.read_bytes()
            tensors, words = wire.unpack(payload, len(payload))
            if words.get("schema") != self.schema.digest:
                raise WireError("another shape of theta")
            arrays = {
                name: self.schema.join({key.removeprefix(f"{name}/"): part for key, part in parts.items()})
                for name in THETAS
                if (parts := {key: part for key, part in tensors.items() if key.startswith(f"{name}/")})
            }
            numbers = {
                field.name: (wire.integer if field.type == "int" else wire.number)(words, field.name)
                for field in fields(AgentState)
                if field.name not in ARRAYS
            }
            if numbers["round"] != round:
                raise WireError(f"the state of round {numbers['round']}")
            remembered = {
                key: part.copy() for key, part in tensors.items() if key.split("/")[0] in memory.NAMES
            }
            return AgentState(**arrays, **numbers, memory=remembered)  # type: ignore[arg-type]
        except OSError as error:
            raise CheckpointError(f"{path}: {error.strerror}") from None
        except (WireError, TypeError) as error:
            raise CheckpointError(f"{path}: {error}") from None

    def rounds(self) -> list[int]:
        """The rounds there are checkpoints of, ascending; files that are no checkpoints do not count."""
        names = [path.name for path in self.folder.glob(f"*{SUFFIX}")]
        return sorted(int(match[1]) for name in names if (match := NAME.fullmatch(name)))

    def regular(self) -> list[int]:
        """The rounds of the regular ones and of the newest, ascending."""
        rounds = self.rounds()
        return [round for round in rounds if round % self.every == 0 or round == rounds[-1]]

    def set_aside(self, round: int) -> None:
        """Keeps the file of a round for a person to look at, under a name that is no checkpoint's."""
        path = self.path(round)
        path.replace(path.with_name(f"{path.name}.damaged"))

    def forget(self, rounds: Sequence[int]) -> None:
        """Removes these checkpoints."""
        for round in rounds:
            self.path(round).unlink(missing_ok=True)

    def path(self, round: int) -> Path:
        """The file of a round; ten digits, so that names sort as numbers do."""
        return self.folder / f"{round:010d}{SUFFIX}"


def newest_consistent_cut(
    available: Mapping[int, Sequence[int]], neighbours: Mapping[int, Sequence[int]]
) -> dict[int, int]:
    """The newest round for each agent such that no two neighbours are more than one round apart.

    A checkpoint holds theta of its round and of the one before, so neighbours one round apart can go on.
    Whoever is further ahead falls back, until all fit; round 0 is always there, for theta^0
    is in the scenario.

    Args:
        available: the rounds each agent has checkpoints of.
        neighbours: N_i for each agent i.
    """
    choices = {agent: sorted({0, *rounds}) for agent, rounds in available.items()}
    pending = list(choices)
    while pending:
        agent = pending.pop()
        slowest = min((choices[other][-1] for other in neighbours[agent]), default=choices[agent][-1])
        if choices[agent][-1] > slowest + 1:
            choices[agent].pop()
            pending += [agent, *neighbours[agent]]
    return {agent: rounds[-1] for agent, rounds in choices.items()}
