import itertools
import socket
import subprocess
import sys

import numpy as np
import pytest
from numpy.testing import assert_allclose

from dcpg_ros.agent.memory import Remembering
from dcpg_ros.agent.metrics import read_metrics
from dcpg_ros.agent.schema import Schema
from dcpg_ros.assembly import parts
from dcpg_ros.assembly.beginning import begin_run, resume_run
from dcpg_ros.assembly.family import family_of
from dcpg_ros.assembly.simulation import build_engines, simulate
from dcpg_ros.core.errors import CheckpointError, InputError
from dcpg_ros.scenario import load_scenario

flyable = pytest.mark.usefixtures("flyable")
LEARNERS = {
    "a2c": {"type": "a2c", "network": "small", "flights": 2, "steps_per_round": 6},
    "ppo": {"type": "ppo", "network": "small", "flights": 1, "steps_per_round": 9, "minibatch": 4},
    "reinforce": {"type": "reinforce", "network": "small", "flights": 2, "episodes_per_round": 3},
    "sgd": {
        **{"type": "a2c", "network": "small", "flights": 2, "steps_per_round": 6},
        **{"optimiser": "sgd", "learning_rate": 0.05},
    },
}


def account(state):
    return (
        *(state.theta.tobytes(), state.previous.tobytes(), state.round),
        *(state.mean_return, state.increment_norm, state.environment_steps),
    )


def stop_after(turns):
    """Between two rounds."""
    watched = []
    return {"stop": lambda: len(watched) >= turns, "watch": watched.append}


def stop_in_the_middle(turns):
    """In a round, when one agent or another is in the air."""
    watched, asked = [], itertools.count()
    return {"stop": lambda: len(watched) >= turns and next(asked) > 3, "watch": watched.append}


def timeless(rows):
    return [row._replace(round_s=0.0, bytes=0) for row in rows]


def test_theta_is_the_trunk_and_the_policy_head_in_float32(write_drones):
    scenario = load_scenario(write_drones())
    schema, theta = parts.schema_of(scenario), parts.initial_state(scenario).theta
    assert all(name.startswith("policy.") for name, _ in schema.shapes)
    assert (theta.dtype, theta.shape, schema.dtype) == (np.float32, (schema.size,), "float32")
    assert schema.split(theta)[schema.shapes[-1][0]].shape == (25,)  # a bias for each action
    tensors = {name: tensor.shape for name, tensor in schema.split(theta).items()}
    assert schema.digest == Schema(tuple(tensors.items()), "float32").digest


def test_seed_decides_where_all_agents_begin(write_drones):
    first, again, other = (
        parts.initial_state(load_scenario(write_drones(), seed=seed)).theta for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).mean() > 0.5


def test_pictures_that_are_too_small_for_the_network_are_refused(write_drones):
    scenario = load_scenario(write_drones(learner__network="c3f2"))
    with pytest.raises(InputError, match="network c3f2"):
        parts.schema_of(scenario)


@flyable
@pytest.mark.parametrize("stopping", [stop_after, stop_in_the_middle])
@pytest.mark.parametrize("learner", LEARNERS)
def test_stopped_and_resumed_is_never_stopped(write_drones, tmp_path, learner, stopping):
    path = write_drones(learner=LEARNERS[learner])
    begun = begin_run(path, tmp_path / "whole")
    whole, rows = simulate(*begun), read_metrics(begun.folder.metrics)
    assert [state.round for state in whole] == [4, 4]
    assert whole[0].theta.dtype == np.float32
    assert not np.array_equal(whole[0].theta, parts.initial_state(begun.scenario).theta)
    begun = begin_run(path, tmp_path / "parts")
    simulate(*begun, **stopping(2))
    begun = resume_run(tmp_path / "parts")
    assert begun.rounds == {0: 2, 1: 2}
    states = simulate(*begun)
    assert [account(state) for state in states] == [account(state) for state in whole]
    assert timeless(read_metrics(begun.folder.metrics)) == timeless(rows)
    for index in range(2):
        first, second = (
            parts.store_of(begun.scenario, run.folder, index).load(4).memory
            for run in (begun, begun._replace(folder=type(begun.folder)(tmp_path / "whole")))
        )
        assert {name: part.tobytes() for name, part in first.items()} == {
            name: part.tobytes() for name, part in second.items()
        }


@flyable
def test_agent_that_was_stopped_in_the_middle_of_a_round_finishes_it(write_drones, tmp_path):
    """As under ROS 2: one has learnt and waits for its neighbour, which is never to come."""
    path = write_drones()
    whole = simulate(load_scenario(path))
    begun = begin_run(path, tmp_path)
    scenario, folder, _ = begun
    engines = build_engines(scenario, [parts.initial_state(scenario) for _ in scenario.agents])
    for engine in engines:
        engine.speak_and_learn()
    for engine in engines:
        engine.listen_and_mix()
    engines[0].speak_and_learn()
    assert engines[0].has_spoken
    for index, engine in enumerate(engines):
        parts.store_of(scenario, folder, index).save(engine.checkpoint())
    assert [account(state) for state in simulate(*resume_run(tmp_path))] == [
        account(state) for state in whole
    ]


@flyable
def test_value_is_the_mean_safe_flight_of_the_latest_episodes(write_drones, tmp_path):
    begun = begin_run(write_drones(), tmp_path)
    flights = []

    def watch(engines):
        judge = family_of(begun.scenario).judge
        flights.append([judge(engine) for engine in engines])
        for engine in engines:
            assert isinstance(engine.environment, Remembering)
            assert isinstance(engine.learner, Remembering)
            rows = engine.environment.memory()["results"]
            mean = rows.mean(axis=0) if len(rows) else (0.0, 0.0)
            assert_allclose((engine.state.mean_return, flights[-1][engine.identity.index]), mean, rtol=1e-9)

    simulate(*begun, watch=watch)
    logged = [row.value for row in read_metrics(begun.folder.metrics)]
    assert logged == [value for values in flights for value in values]
    assert 0 < max(logged) <= 4.0 + 0.4  # of the cap, and the step that exceeds it
    assert read_metrics(begun.folder.metrics)[-1].environment_steps == 4 * 2 * 6


@flyable
def test_run_that_waits_for_a_server_can_be_stopped(write_drones, tmp_path):
    pytest.importorskip("airsim")
    with socket.socket() as taken:  # but nobody listens
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        begun = begin_run(write_drones(environment__tasks=[{"address": address}] * 2), tmp_path)
        asked = itertools.count()
        states = simulate(*begun, stop=lambda: next(asked) >= 3)
    assert [state.round for state in states] == [0, 0]


@flyable
@pytest.mark.parametrize("damage", ["learner/value", "environment/episode"])
def test_checkpoint_that_lacks_a_memory_is_one_line(write_drones, tmp_path, damage):
    begun = begin_run(write_drones(rounds=1), tmp_path)
    simulate(*begun)
    store = parts.store_of(begun.scenario, begun.folder, 0)
    state = store.load(1)
    del state.memory[damage]
    store.save(state)
    with pytest.raises(CheckpointError) as caught:
        simulate(*resume_run(tmp_path, rounds=2))
    assert "\n" not in str(caught.value)


@flyable
def test_torch_has_one_thread_in_a_process_that_flies(write_drones):
    code = (
        "import sys; from dcpg_ros.assembly import parts; from dcpg_ros.scenario import load_scenario;"
        "scenario = load_scenario(sys.argv[1]); before = 'torch' in sys.modules;"
        "parts.initial_state(scenario); parts.schema_of(scenario); light = 'torch' in sys.modules;"
        "parts.environment_of(scenario, 0); import torch; print(before, light, torch.get_num_threads())"
    )
    out = subprocess.run(
        [sys.executable, "-c", code, write_drones()], capture_output=True, check=True, text=True
    ).stdout
    assert out.split() == ["False", "False", "1"]


TABLE = """
import sys
from dcpg_ros.assembly.simulation import simulate
from dcpg_ros.scenario import load_scenario
simulate(load_scenario(sys.argv[1]))
print(sorted({"torch", "embreex", "trimesh", "airsim"} & set(sys.modules)))
"""


def test_run_of_tables_loads_nothing_that_drones_need(write_scenario):
    command = [sys.executable, "-c", TABLE, write_scenario(2, rounds=2)]
    assert subprocess.run(command, capture_output=True, check=True, text=True).stdout == "[]\n"


@flyable
@pytest.mark.parametrize(
    "wrong",
    [{"environment__tasks": [{"scene": "nowhere"}, {"scene": "nowhere"}]}, {"learner__network": "c3f2"}],
)
def test_run_that_cannot_begin_leaves_the_old_one_alone(write_drones, tmp_path, wrong):
    begun = begin_run(write_drones(), tmp_path)
    with pytest.raises(InputError):
        begin_run(write_drones(**wrong), tmp_path, force=True)
    assert begun.folder.scenario.read_text() == begun.scenario.text
