"""Figure 2: the five GridWorld settings on real ROS 2, five seeds each; the table of the README.

    python -m experiments.figure_2            # 25 runs of `dcpg run`, about ten minutes; resumable
    python -m experiments.figure_2 simulate   # the same thetas, to the bit, without ROS

Runs are kept in runs/figure_2, and one that is finished is not done again.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from dcpg_ros.agent.run_folder import RunFolder
from dcpg_ros.analysis.pictures import draw_policy
from dcpg_ros.analysis.results import Results, load_results
from dcpg_ros.analysis.summary import SUCCESS
from dcpg_ros.core.gradient import mean_gradient
from dcpg_ros.scenario import load_scenario
from experiments.common import ROOT, Cell, save_figure, save_table

SETTINGS = {
    "no_conflict": "(a) no conflict",
    "resolvable_conflict": "(b) resolvable conflict",
    "unresolvable_conflict": "(c) unresolvable conflict",
    "start_top_left": "(d) start top left",
    "start_top_right": "(e) start top right",
}
SEEDS = range(5)


def finished_run(name: str, seed: int, command: str) -> Results:
    """The results of a run, which is done now unless it has been."""
    folder = RunFolder(ROOT / "runs" / "figure_2" / f"{name}_{seed}")
    path = ROOT / "config" / "scenarios" / f"{name}.yaml"
    if not (folder.scenario.exists() and folder.scenario.read_text() == load_scenario(path, seed=seed).text):
        arguments = [str(path), "--seed", str(seed), "--output", str(folder.path), "--force"]
    else:
        arguments = ["--resume", str(folder.path)]
    scenario = load_scenario(path, seed=seed)
    if arguments[0] != "--resume" or not is_finished(scenario.rounds, folder):
        subprocess.run([sys.executable, "-m", "dcpg_ros.cli.main", command, *arguments], check=True)
    return load_results(scenario, folder)


def is_finished(rounds: int, folder: RunFolder) -> bool:
    """Whether every agent has done its last round."""
    agents = [path for path in folder.checkpoints.iterdir() if path.is_dir()]
    return bool(agents) and all((path / f"{rounds:010d}.safetensors").exists() for path in agents)


def solved(results: Results) -> str:
    """The tasks that every agent's policy solves, if all agents solve the same ones."""
    by_agent = {tuple(np.flatnonzero(row >= SUCCESS)) for row in results.successes}
    return " ".join(map(str, by_agent.pop())) if len(by_agent) == 1 else "agents differ"


def table_row(label: str, runs: list[Results]) -> list[Cell]:
    """Which tasks are solved, and the worst success probability over seeds, agents and those tasks."""
    sets = {solved(results) for results in runs}
    common = sets.pop() if len(sets) == 1 else ""
    tasks = [int(task) for task in common.split()] if common.replace(" ", "").isdigit() else []
    counts = {int((results.successes.min(axis=0) >= SUCCESS).sum()) for results in runs}
    worst = min((results.successes[:, tasks].min() for results in runs), default=np.nan) if tasks else np.nan
    total = np.mean([results.values.mean(axis=0).sum() for results in runs])
    size = len(runs[0].scenario.tasks)
    slope = max(
        float(
            np.linalg.norm(mean_gradient([task.mdp for task in results.scenario.tasks], mean_theta(results)))
        )
        for results in runs
    )
    reached = "-".join(str(count) for count in sorted({min(counts), max(counts)}))
    return [label, f"{reached} of {size}", common or "differs by seed", float(worst), float(total), slope]


def mean_theta(results: Results) -> np.ndarray:
    """theta_bar, (S, A)."""
    mdp = results.scenario.tasks[0].mdp
    stacked = np.mean([state.theta for state in results.states], axis=0)
    return np.asarray(stacked.reshape(mdp.n_states, mdp.n_actions))


def write_markdown(columns: list[str], rows: list[list[Cell]], path: Path) -> None:
    """The table as the README shows it."""
    cells = [[f"{cell:.4f}" if isinstance(cell, float) else str(cell) for cell in row[:-1]] for row in rows]
    lines = ["| " + " | ".join(columns[:-1]) + " |", "|" + " --- |" * (len(columns) - 1)]
    path.write_text("\n".join([*lines, *("| " + " | ".join(row) + " |" for row in cells)]) + "\n")


def main() -> None:
    """Runs what is missing, then prints the table and draws the figure."""
    command = sys.argv[1] if len(sys.argv) > 1 else "run"
    figure = Figure(figsize=(20, 4.9), layout="constrained")
    axes = figure.subplots(1, len(SETTINGS))
    rows = []
    for axis, (name, label) in zip(axes, SETTINGS.items(), strict=True):
        runs = [finished_run(name, seed, command) for seed in SEEDS]
        rows.append(table_row(label, runs))
        draw_policy(axis, runs[0])
        axis.set_title(label, pad=18)
    columns = ["setting", "solved by every agent", "which tasks", "worst success", "sum of values"]
    columns.append("norm of the mean gradient")
    save_table("figure_2", columns, rows)
    write_markdown(columns, rows, ROOT / "docs" / "results" / "figure_2.md")
    save_figure("figure_2", figure)


if __name__ == "__main__":
    main()
