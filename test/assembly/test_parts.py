import numpy as np
import pytest

from dcpg_ros.agent.run_folder import RunFolder
from dcpg_ros.agent.state import AgentState
from dcpg_ros.assembly.parts import (
    environment_of,
    identity_of,
    initial_state,
    mailbox_of,
    resume_rounds,
    schema_of,
    state_at,
    store_of,
)
from dcpg_ros.core.errors import CheckpointError
from dcpg_ros.core.simulators import EpisodeSimulator, KnownModel
from dcpg_ros.core.weights import dense


def test_schema_fits_theta(make_scenario):
    scenario = make_scenario()
    schema = schema_of(scenario)
    assert schema.size == scenario.initial_theta.size == initial_state(scenario).theta.size
    assert schema.dtype == "float64"


def test_identity_is_the_agents_row_of_w(make_scenario):
    scenario = make_scenario(5, graph__topology="star")
    weights = dense(scenario.graph.weights)
    for index, name in enumerate(scenario.agents):
        me = identity_of(scenario, index)
        assert (me.index, me.name) == (index, name)
        np.testing.assert_array_equal([me.weights.get(j, 0.0) for j in range(5)], weights[index])
        assert me.neighbours == {scenario.agents[j]: j for j in scenario.graph.neighbours(index)}
        shown = dict(part.split("=") for part in me.weights_shown.split())
        assert {name: float(weight) for name, weight in shown.items()} == {
            scenario.agents[j]: weight for j, weight in me.weights.items()
        }


def test_every_start_is_a_new_incarnation(make_scenario):
    scenario = make_scenario()
    assert len({identity_of(scenario, 0).incarnation for _ in range(50)}) == 50


def test_environment_is_the_model_or_episodes_of_the_agents_own_task(make_scenario):
    exact = make_scenario(3)
    environment = environment_of(exact, 2)
    assert isinstance(environment, KnownModel)
    assert environment.mdp is exact.tasks[2].mdp
    sampled = make_scenario(
        3, learner={"type": "tabular", "step_size": 1.0, "episodes_per_round": 7}, seed=11
    )
    environment = environment_of(sampled, 2)
    assert isinstance(environment, EpisodeSimulator)
    assert environment.mdp is sampled.tasks[2].mdp
    assert (environment.episodes, environment.horizon, environment.seed, environment.agent) == (7, 12, 11, 2)


def test_mailbox_waits_for_the_neighbours_from_the_states_round_on(make_scenario):
    scenario = make_scenario(4, graph__topology="path")
    mailbox = mailbox_of(scenario, 1, AgentState(np.zeros(36), round=9))
    assert (mailbox.neighbours, mailbox.round) == (("agent_0", "agent_2"), 9)


def test_first_states_are_equal_and_not_shared(make_scenario):
    scenario = make_scenario(learner__initial_theta={"spread": 1.0})
    first, second = initial_state(scenario), initial_state(scenario)
    np.testing.assert_array_equal(first.theta, second.theta)
    assert not np.shares_memory(first.theta, second.theta)
    assert (first.round, first.previous) == (0, None)


def test_run_goes_on_from_the_newest_consistent_cut(make_scenario, tmp_path):
    scenario = make_scenario(4, graph__topology="path")
    folder = RunFolder.create(tmp_path, scenario.text)
    assert resume_rounds(scenario, folder) == dict.fromkeys(range(4), 0)
    for agent, rounds in enumerate([(3, 6, 9), (3, 6, 10), (6, 9, 11), (6, 9)]):
        for round in rounds:
            store_of(scenario, folder, agent).save(AgentState(np.full(36, float(round)), round, np.zeros(36)))
    assert resume_rounds(scenario, folder) == {0: 9, 1: 10, 2: 9, 3: 9}
    store_of(scenario, folder, 0).forget([9])
    assert resume_rounds(scenario, folder) == {0: 6, 1: 6, 2: 6, 3: 6}
    assert state_at(scenario, folder, 1, 6).theta[0] == 6


def test_round_zero_is_in_the_scenario_and_any_other_must_be_on_disk(make_scenario, tmp_path):
    scenario = make_scenario(learner__initial_theta={"spread": 1.0})
    folder = RunFolder.create(tmp_path, scenario.text)
    np.testing.assert_array_equal(state_at(scenario, folder, 0, 0).theta, scenario.initial_theta.ravel())
    with pytest.raises(CheckpointError, match="No such file"):
        state_at(scenario, folder, 0, 1)


def test_more_checkpoints_are_kept_where_agents_can_be_far_apart(make_scenario, tmp_path):
    for every, keep in ((100, 3), (2, 3 + 5 // 2), (1, 3 + 5)):
        scenario = make_scenario(5, record={"checkpoint_every": every})
        assert store_of(scenario, RunFolder(tmp_path), 0).keep == keep
