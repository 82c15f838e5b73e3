import itertools

import networkx as nx
import numpy as np
import pytest
from numpy.testing import assert_allclose

from dcpg_ros.agent.metrics import read_metrics
from dcpg_ros.agent.run_folder import RunFolder
from dcpg_ros.assembly.beginning import begin_run, resume_run
from dcpg_ros.assembly.parts import resume_rounds, store_of
from dcpg_ros.assembly.simulation import simulate
from dcpg_ros.core.errors import CheckpointError
from dcpg_ros.core.graphs import TOPOLOGIES
from dcpg_ros.scenario import load_scenario

MONTE_CARLO = {"type": "tabular", "step_size": 1.0, "episodes_per_round": 5, "regularisation": 0.05}


def exact_gradient(mdp, theta, regularisation):
    """Equation (8), term by term, from the dense model."""
    weight = np.exp(theta - theta.max())
    policy = weight / weight.sum(axis=1, keepdims=True)
    transitions, gamma = mdp.transitions, mdp.discount
    reward = (mdp.probability * mdp.reward).sum(axis=2)
    under_policy = np.einsum("sa,sat->st", policy, transitions)
    bellman = np.eye(len(theta)) - gamma * under_policy
    values = np.linalg.solve(bellman, (policy * reward).sum(axis=1))
    advantage = reward + gamma * transitions @ values - values[:, None]
    visitation = (1 - gamma) * np.linalg.solve(bellman.T, mdp.mu)
    states, actions = theta.shape
    return visitation[:, None] * policy * advantage / (1 - gamma) + regularisation / states * (
        1 / actions - policy
    )


def lazy_metropolis(graph):
    size = len(graph)
    weights = np.zeros((size, size))
    for i, j in graph.edges:
        weights[i, j] = weights[j, i] = 1 / (2 * max(graph.degree[i], graph.degree[j]))
    return weights + np.diag(1 - weights.sum(axis=1))


def bits(states):
    return [state.theta.tobytes() for state in states]


def account(state):
    """All of a state that does not depend on the clock or on how often a word was repeated."""
    previous = None if state.previous is None else state.previous.tobytes()
    return (
        *(state.theta.tobytes(), previous, state.round),
        *(state.mean_return, state.increment_norm, state.environment_steps),
    )


def stop_after(turns):
    """Stops a simulation after so many turns."""
    counter = itertools.count()
    return lambda: next(counter) >= turns


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_all_agents_together_are_one_matrix_recursion(make_scenario, topology, size):
    """theta <- W theta + alpha^k g, the whole of Algorithm 1 in one place."""
    learner = {
        **{"type": "tabular", "gradient": "exact", "initial_theta": {"spread": 0.5}},
        "step_size": {"initial": 4.0, "schedule": "inverse", "time_constant": 3},
        "regularisation": {"initial": 0.3, "schedule": "piecewise", "steps": [[4, 0.1]]},
    }
    scenario = make_scenario(size, graph__topology=topology, learner=learner, rounds=9)
    states = simulate(scenario)
    graph = scenario.graph.graph
    weights = lazy_metropolis(graph)
    assert nx.is_connected(graph) == (topology != "isolated" or size == 1)
    theta = np.stack([scenario.initial_theta] * size)
    for k in range(9):
        ascent = [
            exact_gradient(task.mdp, own, 0.3 if k < 4 else 0.1)
            for task, own in zip(scenario.tasks, theta, strict=True)
        ]
        theta = np.einsum("ij,jsa->isa", weights, theta) + 4.0 / (1 + k / 3) * np.stack(ascent)
    for state, expected in zip(states, theta, strict=True):
        assert state.round == 9
        assert_allclose(state.theta.reshape(expected.shape), expected, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("weights", ["lazy_metropolis", "metropolis", "max_degree"])
def test_agents_average_moves_by_the_mean_of_their_increments(make_scenario, weights):
    """W is doubly stochastic, so mixing moves theta_bar not at all."""
    scenario = make_scenario(5, graph={"topology": "star", "weights": weights}, rounds=1)
    after = np.mean([state.theta for state in simulate(scenario)], axis=0)
    ascent = [exact_gradient(task.mdp, scenario.initial_theta, 0.1) for task in scenario.tasks]
    assert_allclose(after.reshape(9, 4), 2.0 * np.mean(ascent, axis=0), rtol=1e-11)


def test_agents_that_may_talk_come_closer_and_those_that_may_not_drift_apart(make_scenario):
    def spread(topology):
        thetas = [state.theta for state in simulate(make_scenario(4, rounds=60, graph__topology=topology))]
        return np.std(thetas, axis=0).max()

    assert spread("complete") < spread("ring") < spread("isolated")


def test_isolated_agents_are_agents_on_their_own(make_scenario):
    scenario = make_scenario(4, graph={"topology": "isolated"}, rounds=12)
    together = simulate(scenario)
    for index, state in enumerate(together):
        tasks = [{"map": "\n".join(scenario.environment.maps[index].rows)}]
        [alone] = simulate(make_scenario(1, environment__tasks=tasks, rounds=12))
        assert account(state) == account(alone)
        assert (state.messages, state.bytes) == (0, 0)


def test_one_agent_climbs_its_own_objective(make_scenario):
    returns = []
    simulate(
        make_scenario(1, rounds=30, learner__regularisation=0.0),
        watch=lambda engines: returns.append(engines[0].state.mean_return),
    )
    assert len(returns) == 30
    assert (np.diff(returns) > 0).all()
    assert returns[-1] > 0.5  # of 1: the goal is next to the start


@pytest.mark.parametrize("gradient", ["exact", "monte_carlo"])
def test_same_scenario_gives_the_same_bits(make_scenario, gradient):
    scenario = make_scenario(4, learner={**MONTE_CARLO, "gradient": gradient}, rounds=15)
    again = make_scenario(4, learner={**MONTE_CARLO, "gradient": gradient}, rounds=15)
    assert [account(state) for state in simulate(scenario)] == [account(state) for state in simulate(again)]


def test_seed_decides_what_is_sampled(make_scenario):
    results = {seed: bits(simulate(make_scenario(2, seed=seed, learner=MONTE_CARLO))) for seed in (1, 2, 3)}
    for agent in range(2):
        assert len({thetas[agent] for thetas in results.values()}) == 3
    exact = {seed: tuple(bits(simulate(make_scenario(2, seed=seed)))) for seed in (1, 2, 3)}
    assert len(set(exact.values())) == 1  # nothing is sampled


def test_agents_with_the_same_task_sample_for_themselves(make_scenario):
    task = {"map": "S.G\n...\n"}
    scenario = make_scenario(
        2, graph={"topology": "isolated"}, learner=MONTE_CARLO, environment__tasks=[task, task]
    )
    first, second = bits(simulate(scenario))
    assert first != second


def test_account_adds_up(make_scenario):
    scenario = make_scenario(4, graph__topology="star", learner=MONTE_CARLO, rounds=10)
    batches = []

    def watch(engines):
        for engine in engines:
            batches.append(engine.environment.sample(engine.state.previous, engine.state.round - 1).steps)

    states = simulate(scenario, watch=watch)
    assert sum(state.environment_steps for state in states) == sum(batches)  # asked again, the same batch
    assert [state.messages for state in states] == [30, 10, 10, 10]
    assert [state.bytes for state in states] == [30 * 288, 10 * 288, 10 * 288, 10 * 288]


def test_watcher_sees_every_round_and_stop_is_asked_before_each(make_scenario):
    seen = []
    states = simulate(
        make_scenario(2, rounds=50),
        stop=stop_after(3),
        watch=lambda engines: seen.append([engine.state.round for engine in engines]),
    )
    assert seen == [[1, 1], [2, 2], [3, 3]]
    assert [state.round for state in states] == [3, 3]


def test_nothing_is_written_without_a_folder(make_scenario, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    simulate(make_scenario(2))
    assert list(tmp_path.iterdir()) == []


def whole_run(path, folder):
    """The run that is never stopped: its states, its rows, its scenario."""
    begun = begin_run(path, folder)
    return simulate(*begun), read_metrics(begun.folder.metrics), begun


def timeless(rows):
    """Rows without what depends on the clock or on how often a word was repeated."""
    return [row._replace(round_s=0.0, bytes=0) for row in rows]


@pytest.mark.parametrize("stops", [[1], [5], [6], [11], [12], [2, 3, 9], [1, 2, 3, 4]])
@pytest.mark.parametrize(
    "learner", [MONTE_CARLO, {**MONTE_CARLO, "gradient": "exact"}], ids=["sampled", "exact"]
)
def test_stopped_and_resumed_is_never_stopped(write_scenario, tmp_path, learner, stops):
    path = write_scenario(4, rounds=12, learner=learner, record={"metrics_every": 2, "checkpoint_every": 5})
    whole, rows, _ = whole_run(path, tmp_path / "whole")
    begun = begin_run(path, tmp_path / "parts")
    for since, until in itertools.pairwise([0, *stops]):
        assert begun.first_round == since
        simulate(*begun, stop=stop_after(until - since))
        begun = resume_run(tmp_path / "parts")
    states = simulate(*begun)
    assert [account(state) for state in states] == [account(state) for state in whole]
    assert timeless(read_metrics(begun.folder.metrics)) == timeless(rows)
    for index, state in enumerate(whole):
        assert account(store_of(begun.scenario, begun.folder, index).load(12)) == account(state)
        # A resumed agent says the theta of the round before again, once to each neighbour.
        neighbours = len(begun.scenario.graph.neighbours(index))
        assert states[index].messages == state.messages + len(stops) * neighbours
        assert states[index].bytes == state.bytes + len(stops) * neighbours * state.theta.nbytes


def test_more_rounds_can_be_asked_for_when_resuming(write_scenario, tmp_path):
    path = write_scenario(3, rounds=10, learner=MONTE_CARLO)
    whole, _, _ = whole_run(path, tmp_path / "whole")
    simulate(*begin_run(path, tmp_path / "parts", rounds=4))
    assert bits(simulate(*resume_run(tmp_path / "parts", rounds=10))) == bits(whole)


def test_resuming_a_finished_run_changes_nothing(write_scenario, tmp_path):
    whole, rows, begun = whole_run(write_scenario(3, learner=MONTE_CARLO), tmp_path)
    files = {path: path.read_bytes() for path in begun.folder.checkpoints.rglob("*.safetensors")}
    assert bits(simulate(*resume_run(tmp_path))) == bits(whole)
    assert read_metrics(begun.folder.metrics) == rows
    assert {path: path.read_bytes() for path in begun.folder.checkpoints.rglob("*.safetensors")} == files


@pytest.mark.parametrize(
    "rounds", [(10, 9, 10, 9), (9, 10, 9, 10), (8, 9, 10, 9), (10, 10, 10, 9), (8, 8, 9, 10), (10, 9, 8, 8)]
)
def test_agents_that_stand_at_different_rounds_find_each_other(write_scenario, tmp_path, rounds):
    """As after a crash: each has the checkpoint it has, and neighbours are one round apart."""
    record = {"metrics_every": 1, "checkpoint_every": 1}
    path = write_scenario(4, graph={"topology": "path"}, rounds=14, learner=MONTE_CARLO, record=record)
    whole, rows, _ = whole_run(path, tmp_path / "whole")
    begun = begin_run(path, tmp_path / "parts", rounds=10)
    simulate(*begun)
    for index, round in enumerate(rounds):
        store = store_of(begun.scenario, begun.folder, index)
        store.forget([later for later in store.rounds() if later > round])
    resumed = resume_run(tmp_path / "parts", rounds=14)
    assert resumed.rounds == dict(enumerate(rounds))
    states = simulate(*resumed)
    assert [account(state) for state in states] == [account(state) for state in whole]

    def in_order(rows):
        return sorted(timeless(rows), key=lambda row: (row.round, row.agent))

    assert in_order(read_metrics(resumed.folder.metrics)) == in_order(rows)


def test_run_whose_newest_checkpoints_do_not_fit_goes_on_from_older_ones(write_scenario, tmp_path):
    path = write_scenario(3, rounds=9, learner=MONTE_CARLO, record={"checkpoint_every": 3})
    whole, _, begun = whole_run(path, tmp_path)
    store_of(begun.scenario, begun.folder, 1).forget([9])
    assert set(resume_rounds(begun.scenario, begun.folder).values()) == {6}
    assert bits(simulate(*resume_run(tmp_path))) == bits(whole)


def test_run_without_any_checkpoint_begins_anew(write_scenario, tmp_path):
    path = write_scenario(3, rounds=5, learner=MONTE_CARLO)
    whole, rows, begun = whole_run(path, tmp_path)
    for index in range(3):
        store = store_of(begun.scenario, begun.folder, index)
        store.forget(store.rounds())
    assert [account(state) for state in simulate(*resume_run(tmp_path))] == [
        account(state) for state in whole
    ]
    assert timeless(read_metrics(begun.folder.metrics)) == timeless(rows)


def test_damaged_checkpoint_ends_a_resumed_run_in_one_line(write_scenario, tmp_path):
    _, _, begun = whole_run(write_scenario(2), tmp_path)
    path = store_of(begun.scenario, begun.folder, 1).path(6)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(CheckpointError, match=f"^{path}: "):
        simulate(*resume_run(tmp_path))


def test_checkpoints_are_those_that_the_scenario_asks_for(write_scenario, tmp_path):
    record = {"metrics_every": 4, "checkpoint_every": 5}
    begun = begin_run(write_scenario(2, rounds=23, record=record), tmp_path)
    simulate(*begun)
    for index in range(2):
        assert store_of(begun.scenario, begun.folder, index).rounds() == [15, 20, 23]
    rows = read_metrics(begun.folder.metrics)
    assert [(row.round, row.agent) for row in rows] == [
        (round, name) for round in (4, 8, 12, 16, 20, 23) for name in ("agent_0", "agent_1")
    ]


def test_scenario_in_the_folder_is_the_run(write_scenario, tmp_path):
    path = write_scenario(2, learner={**MONTE_CARLO, "initial_theta": {"spread": 0.1}})
    begun = begin_run(path, tmp_path, seed=77)
    states = simulate(*begun)
    assert bits(simulate(load_scenario(RunFolder.existing(tmp_path).scenario))) == bits(states)
