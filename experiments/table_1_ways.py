"""What bounds A2C in Table 1: the same comparison at the first seed, with other settings for both sides.

    python -m experiments.table_1_ways            # hours; goes on where it was stopped
    python -m experiments.table_1_ways --publish  # and writes docs/results/table_1_ways.md

Table 1 itself rests on none of these: its settings were fixed before, and these came after it was seen.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dcpg_ros.agent.run_folder import write_atomically
from dcpg_ros.analysis.safe_flights import distinct_names, markdown_table, read_flights
from dcpg_ros.scenario import DroneScenario, load_scenario
from experiments.common import ROOT
from experiments.table_1 import FULL
from experiments.table_1_claims import claims
from experiments.table_1_plan import SIDES, Plan
from experiments.table_1_runs import Run
from experiments.table_1_workshop import Workshop, to_the_end

LEARNER = "a2c"


@dataclass(frozen=True)
class Way:
    """The rates that were chosen for Table 1, and what is changed."""

    words: str
    folder: str  # under runs/; Table 1's own are not trained again
    rates: Mapping[str, float]  # by side
    changes: Mapping[str, Any]  # of the learner
    rounds: int = FULL.rounds[LEARNER]


CHOSEN = {"sa": 1.5e-3, "dcpg": 5e-4}
WAYS = (
    Way("as in Table 1", "table_1_full", CHOSEN, {}),
    Way("the larger learning rate for DCPG, too", "table_1_full", {"sa": 1.5e-3, "dcpg": 1.5e-3}, {}),
    Way("rollouts of 32 steps, half the rounds", "table_1_rollouts", CHOSEN, {"steps_per_round": 32}, 1000),
    Way("twice the rounds", "table_1_rounds", CHOSEN, {}, 4000),
)


def plan_of(way: Way, runs: Path) -> Plan:
    """Like Table 1's, of one seed."""
    learner = {**FULL.learners[LEARNER], **way.changes}
    setting = replace(FULL, learners={LEARNER: learner}, rounds={LEARNER: way.rounds}, seeds=FULL.seeds[:1])
    return Plan(setting, LEARNER, runs / way.folder)


def runs_of(way: Way, plan: Plan) -> dict[str, Run]:
    """The two trainings to compare, by side."""
    return {side: plan.run(side, way.rates[side], plan.setting.seeds[0]) for side in SIDES}


def row_of(way: Way, plan: Plan) -> list[str] | None:
    """What it came to; None while something is missing."""
    tests = {side: plan.judgement(run) for side, run in runs_of(way, plan).items()}
    if not all(test.done for test in tests.values()):
        return None
    single, common = (read_flights(tests[side].flown)["sampled"] for side in SIDES)
    msf_m = common.of("average").msf_m[0]
    found = claims(single.msf_m, msf_m)
    cells = [
        f"{alone:.0f} → {together:.0f}"
        for alone, together in zip(single.msf_m.diagonal(), msf_m, strict=True)
    ]
    return [way.words, *cells, f"{msf_m.sum():.0f}", f"{found.least:.2f}", f"{found.total:.2f}"]


def in_words(rows: Sequence[Sequence[str]]) -> str:
    """The table, and what it is of."""
    base = load_scenario(FULL.base)
    assert isinstance(base, DroneScenario)
    worlds = distinct_names(base.environment.worlds)
    header = ("", *worlds, "DCPG's sum", "at home, the least", "sum over the best SA's")
    return (
        "# What bounds A2C in Table 1\n\n"
        f"Made by `python -m experiments.table_1_ways`: seed {FULL.seeds[0]}, {FULL.flights} flights for\n"
        "each policy and world, actions sampled. In a world: the metres that SA-i flies at home → those\n"
        "that DCPG's average flies. What is changed is changed for both sides, if nothing else is said.\n\n"
        f"{markdown_table(header, rows)}"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Does what is missing, and writes the table of all ways that are complete."""
    parser = argparse.ArgumentParser(description="What bounds A2C in Table 1.")
    parser.add_argument("--runs", type=Path, default=ROOT / "runs", metavar="DIR", help="where runs are kept")
    parser.add_argument("--jobs", type=int, default=2, help="processes at a time: 2")
    parser.add_argument("--publish", action="store_true", help="write docs/results of this checkout")
    options = parser.parse_args(arguments)
    runs = options.runs.resolve()
    plans = [(way, plan_of(way, runs)) for way in WAYS]

    rows: list[list[str]] = []

    def work() -> None:
        for way, plan in plans:
            chains = [(run, plan.judgement(run)) for run in runs_of(way, plan).values()]
            Workshop(plan.output, options.jobs).work(way.words, chains)
        rows.extend(row for way, plan in plans if (row := row_of(way, plan)))

    status = to_the_end(work)
    if status or not rows:
        return status or 1
    text = in_words(rows)
    print(f"\n{text}")
    if options.publish:
        write_atomically(ROOT / "docs" / "results" / "table_1_ways.md", text.encode())
    return 0 if len(rows) == len(WAYS) else 1


if __name__ == "__main__":
    sys.exit(main())
