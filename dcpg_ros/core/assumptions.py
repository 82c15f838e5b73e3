"""Does Assumption 2 (12) hold? A sufficient condition, a search for a witness against it, or no verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from dcpg_ros.core.mdp import Array, TabularMDP, discounted_visitation


@dataclass(frozen=True)
class Witness:
    """A shared state where two tasks' visitation ratio depends on the policy, whatever pi* is."""

    state: int
    tasks: tuple[int, int]
    policies: tuple[str, str]
    ratios: tuple[float, float]  # d_i(s) / d_j(s) under each of the two policies


def same_but_for_rewards(mdps: Sequence[TabularMDP]) -> bool:
    """Whether all tasks share states, dynamics, discount, mu and rho: sufficient for Assumption 2."""
    first = mdps[0]
    names = ("next_state", "probability", "terminal", "discount", "mu", "rho")
    return all(np.array_equal(getattr(first, name), getattr(other, name)) for other in mdps for name in names)


def assumption_2_witness(mdps: Sequence[TabularMDP], tolerance: float = 1e-6) -> Witness | None:
    """Looks for a proof that Assumption 2 is violated; None is no proof that it holds.

    (12) says d_{i,rho}^{pi*}(s) / d_{i,mu}^pi(s) is the same for all tasks that share s, for every pi. Its
    numerators do not depend on pi, so d_{i,mu}^pi(s) / d_{j,mu}^pi(s) may not either: two policies under
    which that ratio differs are a witness, and pi* need not be known. The uniform policy is held against
    those that prefer one action everywhere.
    """
    n_states, n_actions = mdps[0].n_states, mdps[0].n_actions
    uniform = np.full((n_states, n_actions), 1 / n_actions)
    # Agents that share a task object share its visits: a ring of a thousand has few pairs to compare.
    distinct = {id(mdp): index for index, mdp in reversed(list(enumerate(mdps)))}.values()
    reference = {task: discounted_visitation(mdps[task], uniform, mdps[task].mu) for task in distinct}
    for action in range(n_actions):
        biased = 0.5 * uniform + 0.5 * np.eye(n_actions)[action]
        visits = {task: discounted_visitation(mdps[task], biased, mdps[task].mu) for task in distinct}
        for one, other in combinations(sorted(distinct), 2):
            before, after = _ratio(reference[one], reference[other]), _ratio(visits[one], visits[other])
            change = np.abs(np.log(after / before))
            change[~np.isfinite(change)] = 0.0
            if change.max() > tolerance:
                state = int(change.argmax())
                names = ("uniform", f"half uniform, half action {action}")
                return Witness(state, (one, other), names, (float(before[state]), float(after[state])))
    return None


def _ratio(numerator: Array, denominator: Array) -> Array:
    """numerator / denominator where both are visited, NaN where the state is not shared."""
    shared = (numerator > 0) & (denominator > 0)
    return np.divide(numerator, denominator, out=np.full(numerator.shape, np.nan), where=shared)
