import json

import numpy as np
import pytest
from numpy.testing import assert_allclose

import dcpg_ros
from dcpg_ros.agent.metrics import MetricsRow
from dcpg_ros.analysis.results import load_results
from dcpg_ros.analysis.summary import in_words, late_return, summarise, write_summary
from dcpg_ros.assembly.beginning import begin_run, resume_run
from dcpg_ros.assembly.simulation import simulate
from dcpg_ros.core.planning import optimal_values

KEYS = "scenario seed versions rounds finished wall_s environment_steps messages bytes disagreement agents"
AGENT_KEYS = "name task value success_probability return_mean"
SAMPLED = {"type": "tabular", "step_size": 2.0, "episodes_per_round": 4}


def told(begun):
    results = load_results(begun.scenario, begun.folder)
    return results, summarise(results)


def run(path, folder, **options):
    begun = begin_run(path, folder)
    return begun, simulate(*begun, **options)


def test_summary_says_what_the_design_asks_for(write_scenario, tmp_path):
    begun, states = run(write_scenario(3, learner=SAMPLED, rounds=20, seed=4, name="trio"), tmp_path)
    results, summary = told(begun)
    assert set(KEYS.split()) <= summary.keys()
    assert (summary["scenario"], summary["seed"], summary["rounds"]) == ("trio", 4, 20)
    assert summary["versions"]["dcpg_ros"] == dcpg_ros.__version__
    assert summary["versions"]["numpy"] == np.__version__
    assert summary["finished"] is True
    assert summary["wall_s"] == max(state.wall_s for state in states) > 0
    for name in ("environment_steps", "messages", "bytes"):
        assert summary[name] == sum(getattr(state, name) for state in states) > 0
    thetas = np.stack([state.theta for state in states])
    gaps = np.linalg.norm(thetas - thetas.mean(axis=0), axis=1)
    assert_allclose(summary["disagreement"], np.sqrt(np.mean(gaps**2)))
    for index, agent in enumerate(summary["agents"]):
        assert set(AGENT_KEYS.split()) <= agent.keys()
        assert (agent["name"], agent["task"], agent["round"]) == (f"agent_{index}", index, 20)
        assert agent["value"] == agent["value_by_task"][index] == results.values[index, index]
        assert agent["success_probability"] == results.successes[index, index]
        assert agent["success_probability_by_task"] == list(results.successes[index])
        returns = [row.return_ for row in results.metrics if row.agent == f"agent_{index}"]
        assert_allclose(agent["return_mean"], np.mean(returns[-2:]))  # of the last tenth
        assert agent["environment_steps"] == states[index].environment_steps


def test_summary_on_disk_is_the_summary(write_scenario, tmp_path):
    begun, _ = run(write_scenario(2), tmp_path)
    _, summary = told(begun)
    write_summary(begun.folder, summary)
    assert json.loads(begun.folder.summary.read_text()) == summary


def test_large_team_has_no_table_of_every_policy_on_every_task(write_scenario, tmp_path):
    begun, _ = run(write_scenario(33, rounds=2), tmp_path)
    results, summary = told(begun)
    assert len(summary["agents"]) == 33
    for index, agent in enumerate(summary["agents"]):
        assert "value_by_task" not in agent
        assert agent["value"] == results.values[index, 0]
    assert f"probability {results.successes.min():.3f} or more" in in_words(results, summary)


def test_run_that_was_stopped_is_not_finished_and_says_so(write_scenario, tmp_path):
    begun, _ = run(write_scenario(2, rounds=1000), tmp_path, stop=iter([False] * 3 + [True]).__next__)
    results, summary = told(begun)
    assert summary["finished"] is False
    assert [agent["round"] for agent in summary["agents"]] == [3, 3]
    assert in_words(results, summary) == "Stopped after 3 of 1000 rounds."
    begun = resume_run(tmp_path, rounds=5)
    simulate(*begun)
    assert told(begun)[1]["finished"] is True


@pytest.mark.parametrize(("agents", "whose"), [(1, "One agent"), (3, "3 agents, one policy")])
def test_words_tell_how_many_tasks_the_worst_policy_solves(write_scenario, tmp_path, agents, whose):
    tasks = [{"map": "S.G\n#..\n"}, {"map": "S.G\n...\n"}, {"map": "S.#\n..G\n"}][:agents]
    learner = {"type": "tabular", "gradient": "exact", "step_size": 20.0}
    begun, _ = run(write_scenario(agents, environment__tasks=tasks, learner=learner, rounds=150), tmp_path)
    results, summary = told(begun)
    words = in_words(results, summary)
    worst = results.successes.min(axis=0)
    solved = int((worst >= 0.99).sum())
    assert 0 < solved < agents or agents == 1
    assert words.startswith(f"{whose}: {solved} of {agents} tasks are solved by every agent's policy")
    for task, probability in enumerate(worst):
        assert f"task {task}: {probability:.3f}" in words
    assert f"Sum of values {results.values.sum(axis=1).min():.4f}" in words
    assert f"disagreement {summary['disagreement']:.3g}" in words


def test_words_tell_the_optimum_where_it_is_known(write_scenario, tmp_path):
    continuing = {"environment__episode_end": "continuing", "environment__start": "uniform"}
    begun, _ = run(write_scenario(2, rounds=5, **continuing), tmp_path)
    results, summary = told(begun)
    mdps = [task.mdp for task in begun.scenario.tasks]
    best = mdps[0].rho @ optimal_values(mdps)[0]
    assert results.values.sum(axis=1).max() < best
    assert f"the optimum is {best:.4f}" in in_words(results, summary)


def test_late_return_is_the_mean_of_the_last_tenth():
    rows = [MetricsRow(round, "ada", float(round), 0, 0, 0, 0, 0, 0) for round in range(1, 101)]
    assert late_return(rows) == np.mean(range(91, 101))
    assert late_return(rows[:5]) == 5.0
    assert late_return([]) == 0.0


@pytest.mark.usefixtures("flyable")
def test_run_of_drones_is_told_by_how_far_they_flew(write_drones, tmp_path):
    torch = pytest.importorskip("torch")
    begun, states = run(write_drones(name="pair", rounds=3), tmp_path)
    results, summary = told(begun)
    assert set(KEYS.split()) <= summary.keys()
    assert summary["finished"] is True
    assert summary["versions"]["torch"].split("+")[0] == torch.__version__.split("+")[0]
    assert summary["environment_steps"] == sum(state.environment_steps for state in states) == 2 * 3 * 12
    thetas = np.stack([state.theta for state in states]).astype(float)
    gaps = np.linalg.norm(thetas - thetas.mean(axis=0), axis=1)
    assert_allclose(summary["disagreement"], np.sqrt(np.mean(gaps**2)), rtol=1e-4)
    for index, agent in enumerate(summary["agents"]):
        [last] = [row for row in results.metrics if row.agent == agent["name"] and row.round == 3]
        assert agent == {
            "name": f"agent_{index}", "task": index, "round": 3,
            "world": "little_room", "value": last.value,
            "return_mean": last.return_, "environment_steps": 36,
        }  # fmt: skip
        assert f"{agent['world']}: {agent['value']:.1f} m" in in_words(results, summary)
    total = sum(agent["value"] for agent in summary["agents"])
    assert f"Sum {total:.1f} m" in in_words(results, summary)
    assert all(state.memory == {} for state in results.states)
    write_summary(begun.folder, summary)
    assert json.loads(begun.folder.summary.read_text()) == summary


def test_run_of_drones_that_was_stopped_says_so(write_drones, tmp_path):
    begun = begin_run(write_drones(rounds=9), tmp_path)
    results, summary = told(begun)
    assert in_words(results, summary) == "Stopped after 0 of 9 rounds."
