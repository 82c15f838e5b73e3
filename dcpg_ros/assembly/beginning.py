"""How a run begins: a scenario and a folder, new or gone on with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from dcpg_ros.agent.metrics import merge_metrics, truncate_metrics
from dcpg_ros.agent.run_folder import RunFolder, write_atomically
from dcpg_ros.assembly.family import family_of
from dcpg_ros.assembly.parts import cut_of, saved_rounds, state_at, store_of
from dcpg_ros.core.errors import CheckpointError, InputError
from dcpg_ros.scenario import Scenario, load_scenario


class Beginning(NamedTuple):
    """A run about to go."""

    scenario: Scenario
    folder: RunFolder
    rounds: dict[int, int]  # the round each agent begins with

    @property
    def first_round(self) -> int:
        """That of the agent furthest behind."""
        return min(self.rounds.values())


def begin_run(
    scenario_path: Path,
    output: Path | str,
    *,
    rounds: int | None = None,
    seed: int | None = None,
    force: bool = False,
    exclusive: bool = False,
) -> Beginning:
    """A new run in a folder of its own; ``exclusive`` keeps other processes off while that is referred to.

    Raises:
        InputError: if the scenario is wrong, the folder holds a run and ``force`` is not given, or that run
            is under way.
    """
    scenario = load_scenario(scenario_path, rounds=rounds, seed=seed)
    family_of(scenario).check(str(scenario_path))  # before an old run makes room for one that cannot begin
    folder = RunFolder.create(output, scenario.text, force=force, exclusive=exclusive)
    return Beginning(scenario, folder, dict.fromkeys(range(len(scenario.agents)), 0))


def resume_run(
    output: Path | str,
    *,
    rounds: int | None = None,
    exclusive: bool = False,
    tell: Callable[[str], object] = lambda words: None,
) -> Beginning:
    """The run in a folder, from its newest consistent checkpoints; metrics of later rounds are forgotten.

    ``exclusive`` keeps other processes off while the folder is referred to; ``tell`` hears what is left out.

    Raises:
        InputError: if the folder holds no run, one that is under way, one of which a part is missing, or one
            that has done more than ``rounds``.
        CheckpointError: if there are checkpoints, and none can be read.
    """
    folder = RunFolder.existing(output)
    if exclusive:
        folder.claim()
    scenario = load_scenario(folder.scenario, rounds=rounds)
    saved = saved_rounds(scenario, folder)
    cut, damaged = readable_cut(scenario, folder, saved)
    newest = newest_round(scenario, folder, saved, cut)
    if scenario.rounds < max(cut.values()):
        allowed = f"{max(cut.values())}, where the run stands, or more"
        raise InputError(str(output), "rounds", scenario.rounds, allowed)
    for (index, round), error in damaged.items():
        tell(f"{error}; set aside")
        store_of(scenario, folder, index).set_aside(round)
    for index, round in cut.items():  # what came after it is another future now
        store = store_of(scenario, folder, index)
        store.forget([later for later in store.rounds() if later > round])
    merge_metrics(folder, scenario.agents)
    truncate_metrics(folder.metrics, {scenario.agents[index]: round for index, round in cut.items()})
    write_atomically(folder.scenario, scenario.text.encode())
    if newest > max(cut.values()):
        tell(f"Rounds up to {newest}, to which not all agents had come, are done again.")
    return Beginning(scenario, folder, cut)


def readable_cut(
    scenario: Scenario, folder: RunFolder, saved: Mapping[int, Sequence[int]]
) -> tuple[dict[int, int], dict[tuple[int, int], CheckpointError]]:
    """The newest cut of which every checkpoint can be read, and what is wrong with those that cannot.

    Raises:
        CheckpointError: if there is none but the beginning.
    """
    damaged: dict[tuple[int, int], CheckpointError] = {}
    while True:
        available = {
            index: [round for round in rounds if (index, round) not in damaged]
            for index, rounds in saved.items()
        }
        cut, found = cut_of(scenario, available), len(damaged)
        for index, round in cut.items():
            try:
                state_at(scenario, folder, index, round)
            except CheckpointError as error:
                damaged[index, round] = error
        if len(damaged) == found:
            break
    if damaged and not any(cut.values()):
        raise next(iter(damaged.values()))
    return cut, damaged


def newest_round(
    scenario: Scenario,
    folder: RunFolder,
    saved: Mapping[int, Sequence[int]],
    cut: Mapping[int, int],
) -> int:
    """The newest round that any agent has a checkpoint of.

    Agents that were stopped or killed are no farther apart than their number and a checkpoint's interval.

    Raises:
        InputError: if they are, or there are checkpoints of an agent that the scenario does not have: to go
            on would throw work away.
    """
    folders = (path.name for path in folder.checkpoints.glob("*") if path.is_dir())
    if others := sorted(set(folders) - set(scenario.agents)):
        allowed = f"those of the scenario's agents, {', '.join(scenario.agents[:8])}"
        raise InputError(str(folder.checkpoints), "", f"checkpoints of {', '.join(others)}", allowed)
    newest = max((rounds[-1] for rounds in saved.values() if rounds), default=0)
    if newest - min(cut.values()) > scenario.record.checkpoint_every + len(scenario.agents):
        last = min(saved, key=lambda index: max(saved[index], default=0))
        found = f"checkpoints of rounds {', '.join(map(str, saved[last])) or 'none'}"
        allowed = f"some near round {newest}, where others are; put them back, or begin anew with --force"
        raise InputError(str(folder.checkpoints / scenario.agents[last]), "", found, allowed)
    return newest
