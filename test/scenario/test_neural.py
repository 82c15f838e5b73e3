"""``learner: {type: reinforce | a2c | ppo}``."""

import pytest
import yaml

from dcpg_ros.core.errors import InputError
from dcpg_ros.core.schedules import Schedule
from dcpg_ros.scenario import DroneScenario, load_scenario


@pytest.fixture
def load(tmp_path):
    """A drone scenario with this learner."""

    def load(**learner):
        document = {
            "fileversion": 1,
            "agents": {"count": 2},
            "graph": {"topology": "path"},
            "environment": {"type": "airsim", "tasks": [{"scene": "indoor_long"}, {"scene": "indoor_twist"}]},
            "learner": learner,
            "rounds": 3,
        }
        path = tmp_path / "drones.yaml"
        path.write_text(yaml.safe_dump(document))
        return load_scenario(path)

    return load


def test_each_algorithm_has_defaults_for_all_that_it_needs(load):
    for algorithm, expected in {
        "reinforce": {
            "steps_per_round": 0,
            "episodes_per_round": 8,
            "epochs": 1,
            "clip": 0.0,
            "gae_lambda": 1.0,
        },
        "a2c": {"steps_per_round": 32, "episodes_per_round": 0, "epochs": 1, "clip": 0.0, "gae_lambda": 0.95},
        "ppo": {"steps_per_round": 32, "episodes_per_round": 0, "epochs": 3, "clip": 0.2, "minibatch": 64},
    }.items():
        scenario = load(type=algorithm)
        assert isinstance(scenario, DroneScenario)
        found = {key: getattr(scenario.learner, key) for key in expected}
        assert found == expected
        assert scenario.learner.whole_episodes == (algorithm == "reinforce")
        assert scenario.learner.network == "c3f2"


def test_learning_rate_and_entropy_weight_may_change_with_the_rounds(load):
    falling = {"initial": 1e-3, "schedule": "geometric", "time_constant": 100, "decay": 0.5}
    learner = load(type="ppo", learning_rate=falling, entropy_weight=0.01).learner
    assert learner.learning_rate(100) == pytest.approx(5e-4)
    assert learner.entropy_weight == Schedule(0.01)


def test_reinforce_flies_one_episode_with_each_flight_unless_told_otherwise(load):
    assert load(type="reinforce", flights=3).learner.episodes_per_round == 3
    assert load(type="reinforce", flights=3, episodes_per_round=7).learner.episodes_per_round == 7
    assert load(type="reinforce", steps_per_round=128).learner.steps_per_round == 128


@pytest.mark.parametrize(
    ("learner", "line"),
    [
        ({"type": "dqn"}, "learner.type: found 'dqn', allowed: one of reinforce, a2c, ppo"),
        (
            {"type": "a2c", "network": "resnet"},
            "learner.network: found 'resnet', allowed: one of c3f2, small",
        ),
        ({"type": "a2c", "device": "tpu"}, "learner.device: found 'tpu', allowed: one of cpu, cuda"),
        ({"type": "a2c", "flights": 0}, "learner.flights: found 0, allowed: a whole number >= 1 and <= 64"),
        ({"type": "a2c", "learning_rate": 0}, "learner.learning_rate: found 0, allowed: a finite number > 0"),
        ({"type": "a2c", "clip": 0.2}, "learner.clip: found an unknown key"),
        ({"type": "a2c", "episodes_per_round": 4}, "learner.episodes_per_round: found an unknown key"),
        ({"type": "reinforce", "gae_lambda": 0.9}, "learner.gae_lambda: found an unknown key"),
        (
            {"type": "reinforce", "steps_per_round": -1},
            "learner.steps_per_round: found -1, allowed: a whole number >= 0 and <= 4096",
        ),
        (
            {"type": "a2c", "steps_per_round": 0},
            "learner.steps_per_round: found 0, allowed: a whole number >= 1 and <= 4096",
        ),
        ({"type": "ppo", "clip": 1}, "learner.clip: found 1, allowed: a finite number > 0 and < 1"),
        ({"type": "ppo", "gae_lambda": 1.5}, "learner.gae_lambda: found 1.5, allowed: a finite number"),
    ],
)
def test_what_an_algorithm_cannot_use_is_refused_by_name(load, learner, line):
    with pytest.raises(InputError) as error:
        load(**learner)
    assert line in str(error.value)
