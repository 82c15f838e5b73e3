import numpy as np


def test_tasks_and_first_theta_belong_to_the_agents(make_scenario):
    scenario = make_scenario(4, learner__initial_theta={"spread": 1.0})
    assert len(scenario.tasks) == len(scenario.agents) == 4
    assert scenario.initial_theta.shape == (scenario.tasks[0].mdp.n_states, scenario.tasks[0].mdp.n_actions)
    assert scenario.initial_theta.dtype == np.float64


def test_first_theta_is_new_each_time(make_scenario):
    scenario = make_scenario()
    scenario.initial_theta[:] = 1.0  # whoever spoils his copy spoils no other's
    assert not scenario.initial_theta.any()
