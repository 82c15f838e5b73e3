"""``dcpg check``: a scenario, validated, and what the paper's theory says of it."""

from __future__ import annotations

from collections.abc import Iterator

from dcpg_ros.assembly.family import family_of
from dcpg_ros.cli.drone_report import drone_report
from dcpg_ros.cli.theory import assumption_2, step_sizes_and_rates
from dcpg_ros.core import bounds
from dcpg_ros.core.weights import check_assumption_1, dense
from dcpg_ros.scenario import DroneScenario, Scenario, TabularScenario, find_scenario, load_scenario

SPECTRUM_UP_TO = 3000  # agents, beyond which a dense W is no longer a matter of seconds
ROWS_SHOWN = 16


def check(path: str) -> int:
    """Prints the report; 0 if the scenario is valid.

    Raises:
        InputError: if it is not.
    """
    file = find_scenario(path)
    scenario = load_scenario(file)
    family_of(scenario).check(str(file))
    for name, words in report(scenario):
        print(f"{name:<18}{words}")
    return 0


def report(scenario: Scenario) -> Iterator[tuple[str, str]]:
    """(name, what is to be said of it), line by line."""
    yield "scenario", f"{scenario.name}: {len(scenario.agents)} agents, {size_of_task(scenario)}"
    yield from team(scenario)
    if isinstance(scenario, TabularScenario):
        yield "Assumption 2", assumption_2(scenario)
    else:
        yield "Assumption 2", "not decided: the models of these worlds are not known"
    singular_values = None
    if len(scenario.agents) <= SPECTRUM_UP_TO:
        singular_values = bounds.singular_values(dense(scenario.graph.weights))
        yield "singular values", "sigma_2 = {:.6f}, sigma_N = {:.6f}".format(*singular_values)
    if isinstance(scenario, DroneScenario):
        yield from drone_report(scenario)
    elif isinstance(scenario, TabularScenario) and singular_values:
        yield from step_sizes_and_rates(scenario, *singular_values)


def size_of_task(scenario: Scenario) -> str:
    """What a policy chooses from, and what it sees."""
    if isinstance(scenario, TabularScenario):
        mdp = scenario.tasks[0].mdp
        return f"{mdp.n_states} states, {mdp.n_actions} actions"
    assert isinstance(scenario, DroneScenario)
    camera = scenario.environment.camera
    return f"pictures of {camera.width}x{camera.height}, {scenario.environment.actions} actions"


def team(scenario: Scenario) -> Iterator[tuple[str, str]]:
    """The graph, W, and whether Assumption 1 holds."""
    graph = scenario.graph
    yield "graph", f"{graph.topology}, {graph.graph.number_of_edges()} edges, weights {graph.rule}"
    for index, row in enumerate(graph.weights[:ROWS_SHOWN]):
        shown = "  ".join(f"{scenario.agents[j]} {weight:.4f}" for j, weight in row.items())
        yield f"W {scenario.agents[index]}", shown
    failures = check_assumption_1(graph.graph, graph.weights)
    if failures and graph.isolated:
        yield "Assumption 1", f"set aside: isolated agents, the single-agent baseline ({'; '.join(failures)})"
    else:
        yield "Assumption 1", "holds" if not failures else "; ".join(failures)
