import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from dcpg_ros.core.learner import ExactLearner, MonteCarloLearner
from dcpg_ros.core.schedules import Schedule

ROUNDS = np.arange(0, 50)


def schedule_of(scenario):
    return np.array([scenario.learner.step_size(int(round)) for round in ROUNDS])


@pytest.mark.parametrize(
    ("written", "values"),
    [
        (0.5, np.full(50, 0.5)),
        (3, np.full(50, 3.0)),
        ({"initial": 2.0}, np.full(50, 2.0)),
        ({"initial": 2.0, "schedule": "inverse", "time_constant": 10}, 2 / (1 + ROUNDS / 10)),
        ({"initial": 2.0, "schedule": "inverse_sqrt", "time_constant": 4}, 2 / np.sqrt(1 + ROUNDS / 4)),
        (
            {"initial": 2.0, "schedule": "geometric", "time_constant": 5, "decay": 0.5},
            2 * 0.5 ** (ROUNDS / 5),
        ),
        (
            {"initial": 2.0, "schedule": "piecewise", "steps": [[10, 1.0], [20, 0.25]]},
            np.where(ROUNDS < 10, 2.0, np.where(ROUNDS < 20, 1.0, 0.25)),
        ),
        ({"initial": 2.0, "schedule": "piecewise", "steps": []}, np.full(50, 2.0)),
    ],
)
def test_step_size_schedule(make_scenario, written, values):
    assert_allclose(schedule_of(make_scenario(learner__step_size=written)), values, rtol=1e-14)


def test_regularisation_may_be_zero_or_a_schedule_and_a_step_size_may_not_be_zero(make_scenario):
    assert make_scenario(learner__regularisation=0).learner.regularisation(3) == 0
    falling = {"initial": 1.0, "schedule": "piecewise", "steps": [[5, 0.0]]}
    assert make_scenario(learner__regularisation=falling).learner.regularisation(5) == 0
    scenario = make_scenario(learner={"type": "tabular", "step_size": 1.0})
    assert scenario.learner.regularisation(0) == 0


def test_theta_starts_from_zero_but_for_the_entries_that_are_named(make_scenario):
    assert not make_scenario().initial_theta.any()
    entries = {"0,0": {"up": 1.5, "right": -2}, "2,1": {"down": 0.25}}
    theta = make_scenario(learner__initial_theta={"entries": entries}).initial_theta
    expected = np.zeros((9, 4))
    expected[0, 0], expected[0, 3], expected[7, 1] = 1.5, -2, 0.25
    assert_array_equal(theta, expected)


def test_spread_is_a_function_of_the_seed_and_scales(make_scenario):
    def theta(seed, spread):
        return make_scenario(seed=seed, learner__initial_theta={"spread": spread}).initial_theta

    assert_array_equal(theta(1, 0.5), theta(1, 0.5))
    assert_allclose(theta(1, 0.5), theta(1, 1.0) / 2)
    assert np.abs(theta(1, 0.5) - theta(2, 0.5)).min() > 0
    assert 0.5 < theta(1, 1.0).std() < 1.5


def test_learner_is_built_for_the_gradient_that_is_asked_for(make_scenario):
    settings = {"type": "tabular", "step_size": 0.5, "regularisation": 0.2, "baseline": 0.3}
    exact = make_scenario(learner={**settings, "gradient": "exact"})
    assert exact.learner.build(exact.tasks[0]) == ExactLearner(Schedule(0.5), Schedule(0.2))
    sampled = make_scenario(learner=settings)  # monte_carlo unless said otherwise
    expected = MonteCarloLearner(Schedule(0.5), Schedule(0.2), discount=0.9, n_actions=4, baseline=0.3)
    assert sampled.learner.build(sampled.tasks[0]) == expected
