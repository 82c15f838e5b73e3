import numpy as np
import pytest
from numpy.testing import assert_allclose

from dcpg_ros.agent.run_folder import RunFolder
from dcpg_ros.analysis.results import JUDGED_ON_ALL, load_results, table
from dcpg_ros.assembly.beginning import begin_run
from dcpg_ros.assembly.parts import initial_state, store_of
from dcpg_ros.assembly.simulation import simulate
from dcpg_ros.core.errors import CheckpointError


def softmax(theta):
    weight = np.exp(theta - theta.max(axis=1, keepdims=True))
    return weight / weight.sum(axis=1, keepdims=True)


def exact_value(task, policy):
    """V(rho), summed step by step until gamma^t is nothing."""
    transitions = np.einsum("sa,sat->st", policy, task.mdp.transitions)
    reward = (policy * (task.mdp.probability * task.mdp.reward).sum(axis=2)).sum(axis=1)
    state, total = task.mdp.rho, 0.0
    for step in range(600):
        total += task.mdp.discount**step * state @ reward
        state = state @ transitions
    return total


def exact_success(task, policy, horizon):
    """The mass that a goal has caught after so many steps, followed forwards from rho."""
    transitions = np.einsum("sa,sat->st", policy, task.mdp.transitions)
    state = task.mdp.rho.copy()
    caught = state[task.goals].sum()
    for _ in range(horizon):
        state[task.goals | task.obstacles] = 0.0
        state = state @ transitions
        caught += state[task.goals].sum()
    return caught


@pytest.mark.parametrize("episode_end", ["terminal", "continuing"])
def test_every_policy_is_judged_exactly_on_every_task(write_scenario, tmp_path, episode_end):
    changes = {"environment__episode_end": episode_end, "environment__evaluation_start": "uniform"}
    path = write_scenario(3, rounds=40, learner__initial_theta={"spread": 1.0}, **changes)
    begun = begin_run(path, tmp_path)
    states = simulate(*begun)
    results = load_results(begun.scenario, begun.folder)
    assert results.values.shape == results.successes.shape == (3, 3)
    for i, state in enumerate(states):
        np.testing.assert_array_equal(results.states[i].theta, state.theta)
        policy = softmax(state.theta.reshape(9, 4))
        for j, task in enumerate(begun.scenario.tasks):
            assert_allclose(results.values[i, j], exact_value(task, policy), rtol=1e-10, atol=1e-13)
            assert_allclose(results.successes[i, j], exact_success(task, policy, 12), rtol=1e-10)
    assert_allclose(results.own(results.values), np.diag(results.values))
    mean = np.mean([state.theta for state in states], axis=0).reshape(9, 4)
    assert_allclose(results.mean_policy, softmax(mean), rtol=1e-12)
    assert len(results.metrics) == 3 * 40


def test_large_team_is_judged_each_on_its_own_task(write_scenario, tmp_path):
    size = JUDGED_ON_ALL + 1
    begun = begin_run(write_scenario(size, rounds=3), tmp_path)
    states = simulate(*begun)
    results = load_results(begun.scenario, begun.folder)
    assert results.values.shape == results.successes.shape == (size, 1)
    assert_allclose(results.own(results.values), results.values[:, 0])
    for i, (state, task) in enumerate(zip(states, begun.scenario.tasks, strict=True)):
        policy = softmax(state.theta.reshape(9, 4))
        assert_allclose(results.values[i, 0], exact_value(task, policy), rtol=1e-10, atol=1e-13)
        assert_allclose(results.successes[i, 0], exact_success(task, policy, 12), rtol=1e-10)


def test_one_agent_is_judged_on_its_task(write_scenario, tmp_path):
    begun = begin_run(write_scenario(1, rounds=3), tmp_path)
    simulate(*begun)
    results = load_results(begun.scenario, begun.folder)
    assert results.own(results.values).shape == (1,)


def test_agent_that_has_done_no_round_is_judged_by_its_first_theta(write_scenario, tmp_path):
    path = write_scenario(2, learner__initial_theta={"spread": 1.0})
    begun = begin_run(path, tmp_path)
    simulate(*begun, stop=lambda: True)
    results = load_results(begun.scenario, begun.folder)
    for state in results.states:
        np.testing.assert_array_equal(state.theta, initial_state(begun.scenario).theta)
    np.testing.assert_array_equal(table(begun.scenario, results.states[0]), begun.scenario.initial_theta)


def test_folder_without_any_metrics_has_none(write_scenario, tmp_path):
    """As a run leaves it that was killed before its first row."""
    scenario = begin_run(write_scenario(2), tmp_path).scenario
    assert load_results(scenario, RunFolder.existing(tmp_path)).metrics == []


def test_damaged_checkpoint_is_reported(write_scenario, tmp_path):
    begun = begin_run(write_scenario(2), tmp_path)
    simulate(*begun)
    path = store_of(begun.scenario, begun.folder, 1).path(6)
    path.write_bytes(b"")
    with pytest.raises(CheckpointError, match=str(path)):
        load_results(begun.scenario, begun.folder)
