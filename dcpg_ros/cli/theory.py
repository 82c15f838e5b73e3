"""What the paper's theory says of a scenario whose models are known: Assumption 2, step sizes and rates."""

from __future__ import annotations

from collections.abc import Iterator

from dcpg_ros.core import bounds
from dcpg_ros.core.assumptions import assumption_2_witness, same_but_for_rewards
from dcpg_ros.core.planning import mismatch, optimal_values
from dcpg_ros.scenario import TabularScenario

REWARD_SPAN = 2.0  # ours lie in [-1, 1], the theorems' in [0, 1]


def assumption_2(scenario: TabularScenario) -> str:
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


def step_sizes_and_rates(
    scenario: TabularScenario, sigma_2: float, sigma_n: float
) -> Iterator[tuple[str, str]]:
    """What (10), (11), (13), (14) make of the singular values of W."""
    mdps = [task.mdp for task in scenario.tasks]
    states, actions, rounds = mdps[0].n_states, mdps[0].n_actions, scenario.rounds
    discounts = [mdp.discount for mdp in mdps]
    lam, alpha = scenario.learner.regularisation(0), scenario.learner.step_size(0)
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
