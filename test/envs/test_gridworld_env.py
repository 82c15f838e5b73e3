import warnings

import numpy as np
import pytest

from dcpg_ros.core.gridworld import GridMap, gridworld
from dcpg_ros.core.two_task import two_task

pytest.importorskip("gymnasium")
from gymnasium.utils.env_checker import check_env

from dcpg_ros.envs.gridworld import GridWorldEnv

MAP = GridMap(("S.G", ".#.", "S.."))


def world(**changes):
    return GridWorldEnv(gridworld(MAP, 0.9, terminal=True), **changes)


def test_gymnasium_finds_nothing_to_complain_about():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(world(render_mode="ansi"), skip_render_check=True)


def test_a_seed_gives_the_same_episodes():
    def flown(seed):
        env = world(horizon=30)
        states = [env.reset(seed=seed)[0]]
        for action in np.random.default_rng(0).integers(0, 4, 200):
            state, _, terminated, truncated, _ = env.step(action)
            states.append(env.reset()[0] if terminated or truncated else state)
        return states

    assert flown(3) == flown(3)
    assert flown(3) != flown(4)


def test_the_frequencies_are_those_of_the_model():
    env = GridWorldEnv(two_task("stochastic", 0.9, p=0.75)[0], horizon=50)
    mdp = env.task.mdp
    counts = np.zeros_like(mdp.transitions)
    actions = np.random.default_rng(1)
    state, _ = env.reset(seed=1)
    for _ in range(20_000):
        action = actions.integers(mdp.n_actions)
        before = state
        state, reward, terminated, truncated, _ = env.step(action)
        counts[before, action, state] += 1
        branches = mdp.next_state[before, action] == state
        assert reward in mdp.reward[before, action, branches]
        if terminated or truncated:
            state, _ = env.reset()
    visits = counts.sum(axis=2, keepdims=True)
    assert (mdp.transitions[counts > 0] > 0).all()  # nothing that the model does not know
    often = (visits > 300) & np.ones_like(counts, bool)
    assert often.any(axis=2).sum() >= 2
    error = 5 * np.sqrt(0.25 / np.where(often, visits, 1))
    assert (np.abs(counts / np.maximum(visits, 1) - mdp.transitions)[often] <= error[often]).all()


def test_episodes_start_from_mu():
    env = world()
    env.reset(seed=2)
    starts = np.bincount([env.reset()[0] for _ in range(2000)], minlength=9) / 2000
    np.testing.assert_allclose(starts, env.task.mdp.mu, atol=0.05)


def test_a_goal_terminates_and_the_horizon_truncates():
    env = world(horizon=3)
    while env.reset(seed=None)[0] != 0:
        pass
    assert env.step(3)[1:4] == (0, False, False)
    state, reward, terminated, truncated, info = env.step(3)
    assert (state, reward, terminated, truncated) == (2, 1, True, False)
    assert info == {"goal": True, "obstacle": False}
    while env.reset()[0] != 0:
        pass
    assert [env.step(0)[2:4] for _ in range(3)] == [(False, False), (False, False), (False, True)]


def test_a_goal_on_the_last_step_terminates_and_does_not_truncate():
    env = world(horizon=2)
    while env.reset()[0] != 0:
        pass
    env.step(3)
    assert env.step(3)[2:4] == (True, False)


def test_what_it_shows():
    env = world(render_mode="ansi")
    while env.reset()[0] != 6:
        pass
    assert env.render() == "..G\n.#.\n@..\n"
    assert world().render() is None


@pytest.mark.parametrize("action", range(4))
def test_each_action_does_what_the_model_says(action):
    env = world()
    state, _ = env.reset(seed=0)
    assert env.step(action)[0] == env.task.mdp.next_state[state, action, 0]
