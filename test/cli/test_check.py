import re

import networkx as nx
import numpy as np
import pytest
from numpy.testing import assert_allclose

from dcpg_ros.cli.check import report

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
