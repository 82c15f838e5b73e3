"""summary.json, and the same in words."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

import dcpg_ros
from dcpg_ros.agent.metrics import MetricsRow
from dcpg_ros.agent.run_folder import RunFolder, write_atomically
from dcpg_ros.analysis.flights import safe_flight
from dcpg_ros.analysis.results import Results, TabularResults
from dcpg_ros.core.assumptions import same_but_for_rewards
from dcpg_ros.core.mixing import disagreement
from dcpg_ros.core.planning import optimal_values
from dcpg_ros.scenario import Scenario
from dcpg_ros.scenario.scenario import DroneScenario

SUCCESS = 0.99


def summarise(results: Results) -> dict[str, Any]:
    """The summary of a run; units are in the names."""
    scenario, states = results.scenario, results.states
    agents = [
        {
            "name": name,
            "task": index,
            "round": states[index].round,
            **worth(results, index),
            "return_mean": late_return(results.rows_of(name)),
            "environment_steps": states[index].environment_steps,
        }
        for index, name in enumerate(scenario.agents)
    ]
    return {
        "scenario": scenario.name,
        "seed": scenario.seed,
        "versions": versions(scenario),
        "rounds": scenario.rounds,
        "finished": all(state.round == scenario.rounds for state in states),
        "wall_s": max(state.wall_s for state in states),
        "environment_steps": sum(state.environment_steps for state in states),
        "messages": sum(state.messages for state in states),
        "bytes": sum(state.bytes for state in states),
        "disagreement": disagreement([state.theta for state in states]),
        "agents": agents,
    }


def versions(scenario: Scenario) -> dict[str, str]:
    """Of what had a hand in the numbers."""
    found = {
        "dcpg_ros": dcpg_ros.__version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "ros_distro": os.environ.get("ROS_DISTRO", ""),
    }
    if isinstance(scenario, DroneScenario):
        with suppress(PackageNotFoundError):
            found["torch"] = version("torch")
    return found


def worth(results: Results, index: int) -> dict[str, Any]:
    """What the policy of agent ``index`` is worth: exactly, or in the flights it has learnt from."""
    if not isinstance(results, TabularResults):
        return safe_flight(results, index)
    agent = {
        "value": results.own(results.values)[index],
        "success_probability": results.own(results.successes)[index],
    }
    if results.successes.shape[1] == len(results.states):
        agent["value_by_task"] = results.values[index].tolist()
        agent["success_probability_by_task"] = results.successes[index].tolist()
    return agent


def write_summary(folder: RunFolder, summary: dict[str, Any]) -> None:
    """Writes summary.json."""
    write_atomically(folder.summary, (json.dumps(summary, indent=2) + "\n").encode())


def late_return(rows: Sequence[MetricsRow]) -> float:
    """The mean return over the last tenth of the logged rounds; 0 where nothing was logged."""
    late = [row.return_ for row in rows[-max(1, len(rows) // 10) :]]
    return float(np.mean(late)) if late else 0.0


def in_words(results: Results, summary: dict[str, Any]) -> str:
    """The result, as one would tell it."""
    if not summary["finished"]:
        rounds = [agent["round"] for agent in summary["agents"]]
        return f"Stopped after {min(rounds)} of {summary['rounds']} rounds."
    if isinstance(results, TabularResults):
        return tables_in_words(results, summary)
    return flights_in_words(summary)


def whose(agents: int) -> str:
    """Who it is that the result tells of."""
    return "One agent" if agents == 1 else f"{agents} agents, one policy"


def tables_in_words(results: TabularResults, summary: dict[str, Any]) -> str:
    """Which tasks are solved, and how far the agents are from the optimum where it is known."""
    agents, tasks = results.successes.shape
    if tasks == 1 < agents:
        worst = results.successes.min()
        return (
            f"{agents} agents; each in its own world reaches its goal with probability {worst:.3f} or more."
        )
    totals = results.values.sum(axis=1)
    worth = f"Sum of values {totals.min():.4f} on the worst agent, disagreement {summary['disagreement']:.3g}"
    mdps = [task.mdp for task in results.scenario.tasks]
    if (
        same_but_for_rewards(mdps) and not mdps[0].terminal.any()
    ):  # one MDP (Theorem 2), whose optimum is known
        best = float(mdps[0].rho @ optimal_values(mdps)[0])
        return f"{whose(agents)}. {worth}; the optimum is {best:.4f}."
    solved = (results.successes >= SUCCESS).all(axis=0)
    worst_of_task = results.successes.min(axis=0)
    listed = ", ".join(f"task {j}: {worst:.3f}" for j, worst in enumerate(worst_of_task))
    return (
        f"{whose(agents)}: {solved.sum()} of {tasks} tasks are solved by every agent's policy "
        f"(probability of goal before obstacle, worst agent: {listed}). {worth}."
    )


def flights_in_words(summary: dict[str, Any]) -> str:
    """How far the drones flew towards the end of the training, each in its own world."""
    agents = summary["agents"]
    listed = ", ".join(f"{agent['world']}: {agent['value']:.1f} m" for agent in agents)
    total = sum(agent["value"] for agent in agents)
    return (
        f"{whose(len(agents))}, {summary['environment_steps']:,} steps: mean safe flight of the latest "
        f"episodes {listed}. Sum {total:.1f} m, disagreement {summary['disagreement']:.3g}."
    )
