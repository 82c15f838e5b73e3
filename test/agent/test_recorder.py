import numpy as np
import pytest
from numpy.testing import assert_allclose

from dcpg_ros.agent.metrics import MetricsLog, read_metrics
from dcpg_ros.agent.recorder import metrics_row
from dcpg_ros.agent.run_folder import RunFolder
from dcpg_ros.assembly.family import family_of
from dcpg_ros.assembly.parts import initial_state, recorder_of, store_of
from dcpg_ros.assembly.simulation import build_engines
from dcpg_ros.core.mdp import value
from dcpg_ros.core.policy import softmax


def engines_of(scenario):
    return build_engines(scenario, [initial_state(scenario) for _ in scenario.agents])


def turn(engines):
    for engine in engines:
        engine.speak_and_learn()
    for engine in engines:
        engine.listen_and_mix()


@pytest.mark.parametrize(
    ("every", "expected"), [(1, [1, 2, 3, 4, 5, 6, 7]), (3, [3, 6, 7]), (7, [7]), (100, [7])]
)
def test_rounds_that_are_due_and_the_last_are_kept(make_scenario, tmp_path, every, expected):
    record = {"metrics_every": every, "checkpoint_every": every}
    scenario = make_scenario(2, rounds=7, record=record)
    folder = RunFolder.create(tmp_path, scenario.text)
    engines = engines_of(scenario)
    seen = []
    with MetricsLog(folder.metrics) as log:
        recorder = recorder_of(scenario, engines[0], log, store_of(scenario, folder, 0))
        for _ in range(7):
            turn(engines)
            row = recorder.after_round()
            seen += [row.round] if row else []
            kept = [round for round in expected if round <= engines[0].state.round]
            assert store_of(scenario, folder, 0).rounds() == kept[-store_of(scenario, folder, 0).keep :]
    assert seen == [row.round for row in read_metrics(folder.metrics)] == expected


def test_nothing_is_kept_where_there_is_no_place_for_it(make_scenario):
    scenario = make_scenario(2, rounds=1)
    engines = engines_of(scenario)
    turn(engines)
    recorder = recorder_of(scenario, engines[0], None, None)
    assert recorder.after_round() is None
    recorder.save()


def test_state_is_saved_once_and_only_if_it_is_new(make_scenario, tmp_path):
    scenario = make_scenario(2, rounds=9)
    folder = RunFolder.create(tmp_path, scenario.text)
    engines, store = engines_of(scenario), store_of(scenario, folder, 0)
    recorder = recorder_of(scenario, engines[0], None, store)
    recorder.save()
    assert store.rounds() == []  # theta^0 is in the scenario
    turn(engines)
    recorder.save()
    assert store.rounds() == [1]
    store.forget([1])
    recorder.save()
    assert store.rounds() == []  # it had been saved
    turn(engines)
    recorder.save()
    assert store.load(2).theta.tobytes() == engines[0].state.theta.tobytes()


def test_row_tells_of_the_round_that_is_over(make_scenario):
    scenario = make_scenario(3, graph__topology="path")
    engines = engines_of(scenario)
    turn(engines)
    before = [engine.state.theta for engine in engines]
    turn(engines)
    for index, engine in enumerate(engines):
        row, mdp = metrics_row(engine, family_of(scenario).judge), scenario.tasks[index].mdp
        assert (row.round, row.agent) == (2, scenario.agents[index])
        assert_allclose(row.return_, value(mdp, softmax(before[index].reshape(9, 4)), mdp.mu))
        assert_allclose(row.value, value(mdp, softmax(engine.state.theta.reshape(9, 4)), mdp.rho))
        gaps = [np.linalg.norm(before[index] - before[j]) for j in scenario.graph.neighbours(index)]
        assert_allclose(row.disagreement, np.sqrt(np.mean(np.square(gaps))))
        mixed = sum(weight * before[j] for j, weight in scenario.graph.weights[index].items())
        assert_allclose(row.increment_norm, np.linalg.norm(engine.state.theta - mixed))
        assert row.bytes == 2 * len(gaps) * 36 * 8
        assert row.round_s > 0
