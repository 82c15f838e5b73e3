"""What bounds DCPG at home in Table 1: the same comparison at the first seed, with other settings.

    python -m experiments.table_1_ways                  # hours; goes on where it was stopped
    python -m experiments.table_1_ways --learner a2c
    python -m experiments.table_1_ways --publish        # and writes docs/results/table_1_ways.md

Table 1 itself rests on none of these: its settings were fixed before, and these came after it was seen.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dcpg_ros.agent.run_folder import write_atomically
from dcpg_ros.analysis.safe_flights import distinct_names, markdown_table, read_flights
from dcpg_ros.scenario import DroneScenario, load_scenario
from experiments.common import ROOT
from experiments.table_1 import FULL
from experiments.table_1_claims import claims
from experiments.table_1_outcome import TITLES
from experiments.table_1_plan import SIDES, Plan
from experiments.table_1_runs import Run
from experiments.table_1_workshop import Workshop, to_the_end


@dataclass(frozen=True)
class Way:
    """One comparison; what is not named is as in Table 1."""

    learner: str
    words: str
    rates: Mapping[str, float]  # by side
    folder: str = "table_1_full"  # under runs/; Table 1's own trainings are not done again
    changes: Mapping[str, Any] = field(default_factory=dict)  # of the learner, on both sides
    rounds: int | None = None  # on both sides


A2C, REINFORCE = {"sa": 1.5e-3, "dcpg": 5e-4}, {"sa": 4e-3, "dcpg": 4e-3}  # the rates that Table 1 chose
AS_IT_IS = "as in Table 1"
WAYS = (
    Way("a2c", AS_IT_IS, A2C),
    Way("a2c", "DCPG with 0.0015, like the single agents", {"sa": 1.5e-3, "dcpg": 1.5e-3}),
    Way(
        "a2c", "rollouts of 32 steps, half the rounds", A2C, "table_1_rollouts", {"steps_per_round": 32}, 1000
    ),
    Way("a2c", "twice the rounds", A2C, "table_1_rounds", rounds=4000),
    Way("reinforce", AS_IT_IS, REINFORCE),
    Way("reinforce", "DCPG with 0.01", {"sa": 4e-3, "dcpg": 1e-2}),
    Way(
        "reinforce", "half the episodes a round, twice the rounds", REINFORCE, "table_1_episodes",
        {"flights": 2, "episodes_per_round": 2}, 1000,
    ),
    Way("reinforce", "twice the rounds", REINFORCE, "table_1_rounds", rounds=1000),
)  # fmt: skip


def plan_of(way: Way, runs: Path) -> Plan:
    """Like Table 1's, of one seed."""
    learners = {way.learner: {**FULL.learners[way.learner], **way.changes}}
    rounds = {way.learner: way.rounds or FULL.rounds[way.learner]}
    setting = replace(FULL, learners=learners, rounds=rounds, seeds=FULL.seeds[:1])
    return Plan(setting, way.learner, runs / way.folder)


def runs_of(way: Way, plan: Plan) -> dict[str, Run]:
    """The two trainings to compare, by side."""
    return {side: plan.run(side, way.rates[side], plan.setting.seeds[0]) for side in SIDES}


def row_of(way: Way, plan: Plan) -> list[str] | None:
    """What it came to; None while something is missing."""
    tests = {side: plan.judgement(run) for side, run in runs_of(way, plan).items()}
    if not all(test.done for test in tests.values()):
        return None
    single, common = (read_flights(tests[side].flown)["sampled"] for side in SIDES)
    alone, together = single.msf_m, common.of("average").msf_m[0]
    ratios = claims(alone, together)
    cells = [f"{own:.0f} → {ours:.0f}" for own, ours in zip(alone.diagonal(), together, strict=True)]
    return [way.words, *cells, f"{together.sum():.0f}", f"{ratios.least:.2f}", f"{ratios.total:.2f}"]


def in_words(rows: Mapping[str, Sequence[Sequence[str]]]) -> str:
    """A table for each learner, and what they are of."""
    base = load_scenario(FULL.base)
    assert isinstance(base, DroneScenario)
    worlds = distinct_names(base.environment.worlds)
    header = ("", *worlds, "DCPG's sum", "at home, the least", "sum over the best SA's")
    return (
        "# What bounds DCPG at home in Table 1\n\n"
        f"Made by `python -m experiments.table_1_ways`: seed {FULL.seeds[0]}, {FULL.flights} flights for\n"
        "each policy and world, actions sampled. In a world: the metres that SA-i flies at home → those\n"
        "that DCPG's average flies. What is changed is changed for both sides, if nothing else is said.\n\n"
    ) + "\n".join(f"## {TITLES[learner]}\n\n{markdown_table(header, own)}" for learner, own in rows.items())


def main(arguments: Sequence[str] | None = None) -> int:
    """Does what is missing, and writes the tables of all ways that are complete."""
    learners = list(dict.fromkeys(way.learner for way in WAYS))
    parser = argparse.ArgumentParser(description="What bounds DCPG at home in Table 1.")
    parser.add_argument("--learner", choices=learners, nargs="+", default=learners)
    parser.add_argument("--runs", type=Path, default=ROOT / "runs", metavar="DIR", help="where runs are kept")
    parser.add_argument("--jobs", type=int, default=2, help="processes at a time: 2")
    parser.add_argument("--publish", action="store_true", help="write docs/results of this checkout")
    options = parser.parse_args(arguments)
    plans = [(way, plan_of(way, options.runs.resolve())) for way in WAYS]
    rows: dict[str, list[list[str]]] = {}

    def work() -> None:
        for way, plan in plans:
            if way.learner in options.learner:
                chains = [(run, plan.judgement(run)) for run in runs_of(way, plan).values()]
                Workshop(plan.output, options.jobs).work(way.words, chains)
        for way, plan in plans:
            if row := row_of(way, plan):
                rows.setdefault(way.learner, []).append(row)

    if status := to_the_end(work):
        return status
    text = in_words(rows)
    print(f"\n{text}")
    if options.publish:
        write_atomically(ROOT / "docs" / "results" / "table_1_ways.md", text.encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
