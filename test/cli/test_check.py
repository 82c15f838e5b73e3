import re
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from numpy.testing import assert_allclose

from dcpg_ros.agent.snapshot import Snapshot, encode
from dcpg_ros.assembly.parts import initial_state, schema_of
from dcpg_ros.cli.check import report
from dcpg_ros.scenario import load_scenario

CONTINUING = {"environment__episode_end": "continuing", "environment__start": "uniform"}


@pytest.fixture
def checked(dcpg, write_scenario, monkeypatch):
    """What ``dcpg check`` prints of a scenario, by the name of the line."""
    monkeypatch.setenv("COLUMNS", "1000")

    def check(size, **changes):
        status, out, err = dcpg("check", write_scenario(size, **changes))
        assert (status, err) == (0, "")
        return {line[:17].strip(): line[17:].strip() for line in out.splitlines()}

    return check


def test_graph_and_weights_are_shown(checked):
    lines = checked(4, graph={"topology": "star", "weights": "metropolis"}, name="four")
    assert lines["scenario"] == "four: 4 agents, 9 states, 4 actions"
    assert lines["graph"] == "star, 3 edges, weights metropolis"
    assert lines["W agent_0"] == "agent_0 0.2500  agent_1 0.2500  agent_2 0.2500  agent_3 0.2500"
    assert lines["W agent_3"] == "agent_0 0.2500  agent_3 0.7500"
    assert lines["Assumption 1"] == "holds"


def test_isolated_agents_set_assumption_1_aside(checked):
    assert checked(3, graph={"topology": "isolated"})["Assumption 1"].startswith("set aside")
    assert checked(1, graph={"topology": "isolated"})["Assumption 1"] == "holds"


@pytest.mark.parametrize(("size", "topology"), [(1, "ring"), (2, "path"), (5, "ring"), (6, "star")])
def test_singular_values_are_those_of_w(checked, size, topology):
    lines = checked(size, graph__topology=topology)
    graph = {"ring": nx.cycle_graph, "path": nx.path_graph, "star": lambda n: nx.star_graph(n - 1)}[topology](
        size
    )
    weights = np.zeros((size, size))
    for i, j in graph.edges:
        if i != j:
            weights[i, j] = weights[j, i] = 1 / (2 * max(graph.degree[i], graph.degree[j]))
    np.fill_diagonal(weights, 1 - weights.sum(axis=1))
    sigma = np.sqrt(np.linalg.eigvalsh(weights @ weights.T).clip(min=0))[::-1]
    found = re.fullmatch(r"sigma_2 = ([\d.]+), sigma_N = ([\d.]+)", lines["singular values"]).groups()
    expected = [sigma[1] if size > 1 else 0.0, sigma[-1]]
    assert_allclose([float(value) for value in found], expected, atol=1e-6)


def test_bounds_are_those_of_the_theorems(checked):
    """Ring of four, gamma = 0.9, lambda = 0.1, S = 9: lazy Metropolis has sigma_2 = 1/2 and sigma_N = 0."""
    lines = checked(4)
    lam, size, states, actions, gap = 0.1, 4, 9, 4, 0.1
    for span, column in ((1, 0), (2, 1)):
        first = (1 + 0) / (span * size * 16 / gap**3 + 4 * size * lam / states)
        share = lam * size * (1 - 0.5) / (4 * states * actions * (2 * size * lam + span * size / gap**2))
        second = min(1 + 0, share) / (size * (span * 8 / gap**3 + 2 * lam / states))
        for name, bound in (("step size (10)", first), ("step size (13)", second)):
            said = re.match(r"alpha < (\S+) as written, (\S+) scaled", lines[name]).groups()
            assert said[column] == f"{bound:.3g}"
    assert lines["step size here"].startswith("alpha = 2, lambda = 0.1 at round 0")
    alpha, rounds = 1 / (size * 16 / gap**3 + 4 * size * lam / states), 6
    terms = [1 / (rounds * alpha), alpha**2 / (size * 0.25 * size * gap**6), lam**2 / size]
    shown = " + ".join(f"{term:.3g}" for term in terms)
    assert lines["rate (11)"].startswith(f"O({shown}) after 6 rounds")
    assert "known up to a constant only" in lines["rate (11)"]


def test_assumption_2_holds_where_rewards_alone_differ(checked):
    lines = checked(3, **CONTINUING)
    assert lines["Assumption 2"].startswith("holds")
    assert "known up to a constant only" in lines["rate (14)"]


def test_assumption_2_is_violated_by_terminal_goals_and_the_witness_is_one(make_scenario):
    scenario = make_scenario(3)
    words = dict(report(scenario))["Assumption 2"]
    found = re.match(
        r"violated: at state (\S+) the visits of (\w+) are to those of (\w+) as (\S+) to 1 under the policy "
        r"'uniform' and (\S+) to 1 under 'half uniform, half action (\d)'",
        words,
    )
    state_name, first, second, before, after, action = found.groups()
    state = scenario.environment.state_names.index(state_name)
    uniform = np.full((9, 4), 0.25)
    biased = 0.5 * uniform + 0.5 * np.eye(4)[int(action)]

    def visits(agent, policy):
        mdp = scenario.tasks[scenario.index(agent)].mdp
        moves = np.einsum("sa,sat->st", policy, mdp.transitions)
        return np.linalg.solve(np.eye(9) - mdp.discount * moves.T, mdp.mu)[state]

    for policy, ratio in ((uniform, before), (biased, after)):
        assert_allclose(visits(first, policy) / visits(second, policy), float(ratio), rtol=1e-3)
    assert before != after


def test_assumption_2_is_not_decided_without_proof_or_witness(checked):
    """The tasks differ in rho, which is no matter of the policy."""
    tasks = [{"map": "S.G\n...\n"}, {"map": "..G\nS..\n"}]
    lines = checked(2, **CONTINUING, environment__evaluation_start="S", environment__tasks=tasks)
    assert lines["Assumption 2"].startswith("not decided")


def test_large_team_is_checked_without_showing_every_row(checked):
    lines = checked(40)
    assert sum(name.startswith("W ") for name in lines) == 16
    assert "sigma_2" in lines["singular values"]


def test_report_is_whole_on_a_narrow_terminal(dcpg, write_scenario, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    narrow = dcpg("check", write_scenario(3)).out
    monkeypatch.setenv("COLUMNS", "1000")
    wide = dcpg("check", write_scenario(3)).out
    assert sorted(narrow.split()) == sorted(wide.split())


@pytest.mark.parametrize("name", ["theorem2", "two_task_stationary", "two_task_stochastic"])
def test_shipped_scenario_is_checked_by_its_name(dcpg, name, monkeypatch):
    monkeypatch.setenv("COLUMNS", "1000")
    status, out, _ = dcpg("check", name)
    assert status == 0
    assert ("holds: the tasks differ in their rewards alone" in out) == (name == "theorem2")


@pytest.fixture
def checked_drones(dcpg, write_drones, monkeypatch):
    monkeypatch.setenv("COLUMNS", "1000")

    def check(size=2, **changes):
        status, out, err = dcpg("check", write_drones(size, **changes))
        assert (status, err) == (0, "")
        return {line[:17].strip(): line[17:].strip() for line in out.splitlines()}

    return check


def test_team_of_drones_is_checked_as_any_other(checked_drones):
    lines = checked_drones(4, graph={"topology": "ring"}, name="four")
    assert lines["scenario"] == "four: 4 agents, pictures of 32x32, 25 actions"
    assert lines["graph"] == "ring, 4 edges, weights lazy_metropolis"
    assert lines["W agent_0"] == "agent_0 0.5000  agent_1 0.2500  agent_3 0.2500"
    assert lines["Assumption 1"] == "holds"
    assert lines["singular values"] == "sigma_2 = 0.500000, sigma_N = 0.000000"
    assert lines["Assumption 2"].startswith("not decided")
    assert not any(name.startswith("rate") or "(10)" in name for name in lines)
    assert lines["step size bound"].startswith("none: ")


def test_message_has_the_size_that_is_sent(checked_drones, write_drones):
    lines = checked_drones(3, graph={"topology": "star"})
    scenario = load_scenario(write_drones(3))
    theta = initial_state(scenario).theta
    snapshot = Snapshot("agent_1", "0" * 16, 3, theta, 10**18, 0.1234, 0.5, "agent_0=0.25 agent_1=0.75")
    said = re.match(r"([\d,]+) bytes a round, to 2 neighbours", lines["message"])[1].replace(",", "")
    assert abs(int(said) - len(encode(snapshot, schema_of(scenario)))) < 200
    assert lines["network"] == f"small: theta is {theta.size:,} numbers in float32"


def test_worlds_and_settings_are_shown(checked_drones):
    tasks = [{"scene": "indoor_long"}, {"address": "10.0.0.7:41452"}]
    camera = {"width": 40, "height": 36, "captured": [320, 180]}
    lines = checked_drones(2, environment__tasks=tasks, environment__camera=camera)
    assert lines["world agent_0"] == "scene indoor_long"
    assert lines["world agent_1"] == "server 10.0.0.7:41452"
    assert lines["camera"] == "40x36 pixels of 80 by 50.53 degrees, taken in 320x180"
    assert lines["actions"].startswith("5 of pitch over 30 degrees by 5 of yaw over 53.33")
    assert (
        lines["flight"]
        == "ends with a crash (a centre value below 0.07, or contact), or is cut off after 4 m"
    )
    assert lines["round"] == "6 steps of each of 2 flights"
    assert lines["step size here"].startswith("a2c, adam, learning rate 0.00025, entropy weight 0.03")


def test_whole_episodes_and_contact_alone_are_told(checked_drones):
    learner = {"type": "reinforce", "network": "small", "episodes_per_round": 5, "flights": 3}
    lines = checked_drones(2, learner=learner, environment__crash_threshold=0)
    assert lines["round"] == "5 episodes, 3 at a time"
    assert "(contact)" in lines["flight"]
    lines = checked_drones(2, learner={**learner, "steps_per_round": 64})
    assert lines["round"] == "5 episodes, 3 at a time, or more until each flight has 64 steps"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"environment__tasks": [{"scene": "nowhere"}] * 2},
            "environment.tasks[0].scene: found nowhere, no such scene, allowed: ",
        ),
        ({"learner__network": "c3f2"}, "learner.network c3f2: found pictures of 32x32 pixels, allowed: "),
        (
            {"environment__tasks": [{"scene": "indoor_long", "starts": [[0, 0, 0, 0], [1000, 0, 0, 0]]}] * 2},
            "environment.tasks[0].starts[1]: found a place outside of the scene, allowed: inside ",
        ),
        (
            {"environment__tasks": [{"scene": "indoor_long", "starts": [[0, 0, 1.4, 0]]}] * 2},
            "environment.tasks[0].starts[0]: found a drone ",
        ),
    ],
)
def test_what_only_the_parts_can_tell_is_checked_too(dcpg, write_drones, changes, words):
    path = write_drones(**changes)
    for command in (("check", path), ("simulate", path, "--output", path.parent / "never")):
        status, out, err = dcpg(*command)
        assert (status, out) == (2, "")
        assert err.startswith(f"{path}: {words}")
        assert err.count("\n") == 1
    assert not (path.parent / "never").exists()


@pytest.mark.parametrize("name", ["x" * 300, "x\0y", "x" * 300 + ".yaml"])
def test_name_that_no_file_can_have_is_one_line(dcpg, name):
    status, out, err = dcpg("check", name)
    assert (status, out, err.count("\n")) == (2, "", 1)


def test_shipped_scenarios_of_drones_are_checked(dcpg):
    folder = Path(__file__).parents[2] / "config" / "scenarios"
    names = [path.stem for path in sorted(folder.glob("drone_*.yaml"))]
    assert names
    for name in names:
        assert dcpg("check", name).status == 0
