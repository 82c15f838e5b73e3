"""How a run begins: a scenario and a folder, new or gone on with."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from dcpg_ros.agent.metrics import merge_metrics, truncate_metrics
from dcpg_ros.agent.run_folder import RunFolder, write_atomically
from dcpg_ros.assembly.family import family_of
from dcpg_ros.assembly.parts import resume_rounds, store_of
from dcpg_ros.core.errors import InputError
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
    family_of(scenario).check()  # before an old run makes room for one that cannot begin
    folder = RunFolder.create(output, scenario.text, force=force, exclusive=exclusive)
    return Beginning(scenario, folder, dict.fromkeys(range(len(scenario.agents)), 0))


def resume_run(output: Path | str, *, rounds: int | None = None, exclusive: bool = False) -> Beginning:
    """The run in a folder, from its newest consistent checkpoints; metrics of later rounds are forgotten.

    ``exclusive`` keeps other processes off while the folder is referred to.

    Raises:
        InputError: if the folder holds no run, one that is under way, or one that has done more than
            ``rounds``.
    """
    folder = RunFolder.existing(output)
    if exclusive:
        folder.claim()
    scenario = load_scenario(folder.scenario, rounds=rounds)
    cut = resume_rounds(scenario, folder)
    if scenario.rounds < max(cut.values()):
        allowed = f"{max(cut.values())}, where the run stands, or more"
        raise InputError(str(output), "rounds", scenario.rounds, allowed)
    for index, round in cut.items():  # what came after it is another future now
        store = store_of(scenario, folder, index)
        store.forget([later for later in store.rounds() if later > round])
    merge_metrics(folder, scenario.agents)
    truncate_metrics(folder.metrics, {scenario.agents[index]: round for index, round in cut.items()})
    write_atomically(folder.scenario, scenario.text.encode())
    return Beginning(scenario, folder, cut)
