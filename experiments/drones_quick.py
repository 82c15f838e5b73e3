"""Four drones, a quarter of an hour: how far they fly after `make drones`, and how far untrained ones do.

    python -m experiments.drones_quick      # anew on real ROS 2, eight minutes; then flights, another eight

The time is that of the whole command, from its start to the last process's end.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time

from dcpg_ros.agent.run_folder import RunFolder
from dcpg_ros.analysis.results import newest_state
from dcpg_ros.analysis.safe_flights import SafeFlights, markdown, markdown_table, worst
from dcpg_ros.assembly.evaluation import AVERAGE, policies_of
from dcpg_ros.assembly.parts import initial_state
from dcpg_ros.cli.evaluate import fly_all
from dcpg_ros.scenario.scenario import DroneScenario
from experiments.common import ROOT, shipped_scenario

SCENARIO = "drone_ring4_quick"
FLIGHTS = 50
SEED = 250  # of the flights
UNTRAINED = "untrained"
MINUTES, TIMES = 15, 5  # what is wanted: within so many minutes, so many times as far


def main() -> None:
    """Runs, flies, and writes docs/results/drones_quick.md and docs/figures/drones_quick.png."""
    scenario = shipped_scenario(SCENARIO)
    assert isinstance(scenario, DroneScenario)
    folder = RunFolder(ROOT / "runs" / "drones_quick")
    wall_s = trained(folder)
    agents = [newest_state(scenario, folder, index).theta for index in range(len(scenario.agents))]
    policies = {UNTRAINED: initial_state(scenario).theta, **policies_of(scenario, agents)}
    flown = fly_all(scenario, policies, ("sampled",), FLIGHTS, SEED)["sampled"]
    text = in_words(flown, scenario.rounds, wall_s)
    (ROOT / "docs" / "results" / "drones_quick.md").write_text(text)
    shutil.copy(folder.path / "learning.png", ROOT / "docs" / "figures" / "drones_quick.png")
    print(f"\n{text}\n-> docs/results/drones_quick.md, docs/figures/drones_quick.png")


def trained(folder: RunFolder) -> float:
    """Does what `make drones` does; returns how many seconds it took.

    Raises:
        CalledProcessError: if the run fails.
    """
    scenario = ROOT / "config" / "scenarios" / f"{SCENARIO}.yaml"
    command = [sys.executable, "-m", "dcpg_ros.cli.main", "run", str(scenario)]
    began = time.monotonic()
    subprocess.run([*command, "--output", str(folder.path), "--force"], check=True)
    return time.monotonic() - began


def in_words(flown: SafeFlights, rounds: int, wall_s: float) -> str:
    """The table, and by how much the average policy flies farther than the untrained one in each world."""
    before, after = (flown.of(policy).msf_m[0] for policy in (UNTRAINED, AVERAGE))
    ratios = after / before
    minutes, seconds = divmod(round(wall_s), 60)
    met = "met" if ratios.min() >= TIMES and wall_s <= 60 * MINUTES else "NOT MET"
    last = worst(flown.of(*(policy for policy in flown.policies if policy not in (UNTRAINED, AVERAGE))))
    wanted = f">= {TIMES} within {MINUTES} min"
    claims = markdown_table(
        ("MSF over the untrained policy's", *flown.worlds, "the least", "wanted", ""),
        [(AVERAGE, *(f"{ratio:.1f}" for ratio in ratios), f"{ratios.min():.1f}", wanted, met)],
    )
    return (
        "# Four drones, a quarter of an hour\n\n"
        f"Made by `python -m experiments.drones_quick`: {rounds} rounds of `{SCENARIO}`, as `make drones`,\n"
        f"on real ROS 2 with simulators over RPC, in {minutes} min {seconds:02d} s with start and end.\n\n"
        f"Mean safe flight in metres, mean ± standard deviation of {FLIGHTS} flights, actions sampled;\n"
        "in brackets, how many flights hit the cap.\n\n"
        f"{markdown(flown)}\nWorst agent: {last}.\n\n{claims}"
    )


if __name__ == "__main__":
    main()
