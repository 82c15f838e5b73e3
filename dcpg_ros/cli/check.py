"""``dcpg check``: a scenario, validated, and what the paper's theory says of it."""

from __future__ import annotations

from collections.abc import Iterator

from dcpg_ros.core import bounds
from dcpg_ros.core.assumptions import assumption_2_witness, same_but_for_rewards
from dcpg_ros.core.planning import mismatch, optimal_values
from dcpg_ros.core.weights import check_assumption_1, dense
from dcpg_ros.scenario import Scenario, find_scenario, load_scenario

REWARD_SPAN = 2.0  # ours lie in [-1, 1], the theorems' in [0, 1]
SPECTRUM_UP_TO = 3000  # agents, beyond which a dense W is no longer a matter of seconds


def check(path: str) -> int:
    """Prints the report; 0 if the scenario is valid.

    Raises:
        InputError: if it is not.
    """
    scenario = load_scenario(find_scenario(path))
    for name, words in report(scenario):
        print(f"{name:<18}{words}")
    return 0


def report(scenario: Scenario) -> Iterator[tuple[str, str]]:
    """(name, what is to be said of it), line by line."""
    graph, tasks = scenario.graph, scenario.tasks
    size, mdp = len(tasks), tasks[0].mdp
    yield "scenario", f"{scenario.name}: {size} agents, {mdp.n_states} states, {mdp.n_actions} actions"
    yield "graph", f"{graph.topology}, {graph.graph.number_of_edges()} edges, weights {graph.rule}"
    for index, row in enumerate(graph.weights[:16]):
        shown = "  ".join(f"{scenario.agents[j]} {weight:.4f}" for j, weight in row.items())
        yield f"W {scenario.agents[index]}", shown
    failures = check_assumption_1(graph.graph, graph.weights)
    if failures and graph.isolated:
        yield "Assumption 1", f"set aside: isolated agents, the single-agent baseline ({'; '.join(failures)})"
    else:
        yield "Assumption 1", "holds" if not failures else "; ".join(failures)
    yield "Assumption 2", assumption_2(scenario)
    if size <= SPECTRUM_UP_TO:
        yield from spectrum_and_bounds(scenario)


def assumption_2(scenario: Scenario) -> str:
    """Holds, violated (with a witness), or not decided."""
    mdps = [task.mdp for task in scenario.tasks]
    if same_but_for_rewards(mdps):
        return "holds: the tasks differ in their rewards alone"
    witness = assumption_2_witness(mdps)
    if witness is None:
        return "not decided: the tasks differ in more than rewards, and no witness was found"
    first, second = (scenario.agents[task] for task in witness.tasks)
    return (
        f"violated: at state {scenario.environment.state_names[witness.state]} the visits of {first} "
        f"are to those of {second} as {witness.ratios[0]:.4g} to 1 under the policy '{witness.policies[0]}' "
        f"and {witness.ratios[1]:.4g} to 1 under '{witness.policies[1]}'"
    )


def spectrum_and_bounds(scenario: Scenario) -> Iterator[tuple[str, str]]:
    """sigma_2, sigma_N and what (10), (11), (13), (14) make of them."""
    mdps = [task.mdp for task in scenario.tasks]
    states, actions, rounds = mdps[0].n_states, mdps[0].n_actions, scenario.rounds
    discounts = [mdp.discount for mdp in mdps]
    lam, alpha = scenario.learner.regularisation(0), scenario.learner.step_size(0)
    sigma_2, sigma_n = bounds.singular_values(dense(scenario.graph.weights))
    yield "singular values", f"sigma_2 = {sigma_2:.6f}, sigma_N = {sigma_n:.6f}"
    first = [bounds.theorem_1_step_size(discounts, lam, states, sigma_n, span) for span in (1, REWARD_SPAN)]
    second = [
        bounds.theorem_2_step_size(discounts, lam, states, actions, sigma_2, sigma_n, span)
        for span in (1, REWARD_SPAN)
    ]
    yield "step size (10)", f"alpha < {first[0]:.3g} as written, {first[1]:.3g} scaled to rewards in [-1, 1]"
    yield (
        "step size (13)",
        f"alpha < {second[0]:.3g} as written, {second[1]:.3g} scaled to rewards in [-1, 1]",
    )
    yield (
        "step size here",
        f"alpha = {alpha:g}, lambda = {lam:g} at round 0; the bounds are safe, not practical",
    )
    terms = bounds.theorem_1_bracket(discounts, lam, sigma_2, first[0], rounds)
    yield (
        "rate (11)",
        (
            f"O({terms[0]:.3g} + {terms[1]:.3g} + {terms[2]:.3g}) after {rounds} rounds at the bound (10); "
            "known up to a constant only"
        ),
    )
    if same_but_for_rewards(mdps):
        ratio = mismatch(mdps[0], optimal_values(mdps)[1])
        epsilon = 2 * len(mdps) * ratio * lam
        if epsilon and ratio != float("inf"):
            bracket = bounds.theorem_2_bracket(discounts, epsilon, states, actions, sigma_2, ratio)
            yield (
                "rate (14)",
                (
                    f"O({bracket:.3g}) rounds to within epsilon = {epsilon:.3g} of the optimum, with "
                    f"||d/mu||_inf = {ratio:.3g}; known up to a constant only"
                ),
            )
