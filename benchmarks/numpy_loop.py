"""The peer for tabular speed: Monte-Carlo DCPG as one writes it plainly, step by step."""

from __future__ import annotations

import numpy as np

from dcpg_ros.core.mdp import Array
from dcpg_ros.core.task import Task
from dcpg_ros.core.weights import dense
from dcpg_ros.scenario import Scenario


def run(scenario: Scenario, rounds: int) -> int:
    """The same algorithm on the same tasks; returns the number of environment steps."""
    random = np.random.default_rng(scenario.seed)
    weights, steps = dense(scenario.graph.weights), 0
    thetas = np.stack([scenario.initial_theta] * len(scenario.tasks))
    for round in range(rounds):
        increments = np.zeros_like(thetas)
        for agent, task in enumerate(scenario.tasks):
            gradient, taken = _gradient(task, thetas[agent], scenario, round, random)
            increments[agent] = scenario.learner.step_size(round) * gradient
            steps += taken
        thetas = np.tensordot(weights, thetas, axes=1) + increments
    return steps


def _gradient(
    task: Task, theta: Array, scenario: Scenario, round: int, random: np.random.Generator
) -> tuple[Array, int]:
    mdp, episodes, steps = task.mdp, scenario.learner.episodes_per_round, 0
    policy = np.exp(theta - theta.max(axis=1, keepdims=True))
    policy /= policy.sum(axis=1, keepdims=True)
    gradient = np.zeros_like(theta)
    for _ in range(episodes):
        state = random.choice(mdp.n_states, p=mdp.mu)
        states, actions, rewards = [], [], []
        while not mdp.terminal[state] and len(states) < scenario.environment.horizon:
            action = min(int(np.searchsorted(policy[state].cumsum(), random.random())), mdp.n_actions - 1)
            states.append(state)
            actions.append(action)
            rewards.append(mdp.reward[state, action, 0])
            state = mdp.next_state[state, action, 0]
        steps += len(states)
        gain = 0.0
        for step in reversed(range(len(states))):
            gain = rewards[step] + mdp.discount * gain
            score = -policy[states[step]]
            score[actions[step]] += 1
            gradient[states[step]] += mdp.discount**step * gain * score
    regularisation = scenario.learner.regularisation(round) / mdp.n_states * (1 / mdp.n_actions - policy)
    return gradient / episodes + regularisation, steps
