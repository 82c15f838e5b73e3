import shutil

import pytest
from numpy.testing import assert_array_equal

from dcpg_ros.agent.metrics import MetricsLog, read_metrics
from dcpg_ros.assembly.beginning import begin_run, resume_run
from dcpg_ros.assembly.parts import state_at, store_of
from dcpg_ros.assembly.simulation import simulate
from dcpg_ros.core.errors import CheckpointError, InputError
from dcpg_ros.scenario import load_scenario


def test_new_run_begins_at_round_zero_with_the_scenario_as_it_was_asked_for(write_scenario, tmp_path):
    path = write_scenario(3, seed=1, rounds=5)
    begun = begin_run(path, tmp_path / "run", rounds=8, seed=2)
    assert (begun.rounds, begun.first_round) == ({0: 0, 1: 0, 2: 0}, 0)
    assert (begun.scenario.rounds, begun.scenario.seed) == (8, 2)
    kept = load_scenario(begun.folder.scenario)
    assert (kept.text, kept.name) == (begun.scenario.text, "generated")


def test_bad_scenario_makes_no_folder(write_scenario, tmp_path):
    with pytest.raises(InputError, match="rounds"):
        begin_run(write_scenario(), tmp_path / "run", rounds=0)
    assert not (tmp_path / "run").exists()


def test_second_run_needs_force(write_scenario, tmp_path):
    path = write_scenario()
    begin_run(path, tmp_path, seed=1)
    with pytest.raises(InputError, match="found a run"):
        begin_run(path, tmp_path, seed=2)
    assert resume_run(tmp_path).scenario.seed == 1
    begin_run(path, tmp_path, seed=2, force=True)
    assert resume_run(tmp_path).scenario.seed == 2


def test_resumed_run_stands_where_it_stopped_and_forgets_later_rows(write_scenario, tmp_path):
    path = write_scenario(3, rounds=4)
    begun = begin_run(path, tmp_path)
    simulate(*begun)
    rows = read_metrics(begun.folder.metrics)
    with MetricsLog(begun.folder.metrics, append=True) as log:
        log.write([rows[-1]._replace(round=5)])  # a row of a round of which there is no checkpoint
    resumed = resume_run(tmp_path, rounds=9)
    assert (resumed.rounds, resumed.first_round) == ({0: 4, 1: 4, 2: 4}, 4)
    assert resumed.scenario.rounds == load_scenario(resumed.folder.scenario).rounds == 9
    assert read_metrics(resumed.folder.metrics) == rows


def test_rows_that_agents_wrote_for_themselves_are_not_lost(write_scenario, tmp_path):
    begun = begin_run(write_scenario(2, rounds=3), tmp_path)
    simulate(*begun)
    rows = read_metrics(begun.folder.metrics)
    for name in begun.scenario.agents:  # as the processes of a real run do
        with MetricsLog(begun.folder.agent_metrics(name)) as log:
            log.write([row for row in rows if row.agent == name])
    begun.folder.metrics.unlink()
    resume_run(tmp_path)
    assert read_metrics(begun.folder.metrics) == rows


def test_run_cannot_end_before_where_it_stands(write_scenario, tmp_path):
    begun = begin_run(write_scenario(2, rounds=4), tmp_path)
    simulate(*begun)
    text = begun.folder.scenario.read_text()
    with pytest.raises(InputError, match="rounds"):
        resume_run(tmp_path, rounds=3)
    assert begun.folder.scenario.read_text() == text


@pytest.mark.parametrize("damage", ["missing", "folder", "no scenario"])
def test_folder_that_holds_no_run_is_refused(tmp_path, damage):
    (tmp_path / "folder").mkdir()
    (tmp_path / "no scenario").mkdir()
    (tmp_path / "no scenario" / "scenario.yaml").write_text("seed: 1\n")
    with pytest.raises(InputError, match=str(tmp_path)):
        resume_run(tmp_path / damage)


@pytest.fixture
def stopped(write_scenario, tmp_path):
    """The folder of a run of six rounds with checkpoints of every second; and its scenario."""
    begun = begin_run(write_scenario(3, rounds=6, record__checkpoint_every=2), tmp_path)
    simulate(*begun)
    return begun.folder, begun.scenario


def test_run_of_which_a_part_is_missing_is_refused_and_left_as_it_is(stopped):
    folder, scenario = stopped
    shutil.rmtree(folder.checkpoints / scenario.agents[1])
    before = sorted(folder.path.rglob("*")), folder.metrics.read_text()
    with pytest.raises(InputError) as caught:
        resume_run(folder.path)
    assert str(caught.value).startswith(
        f"{folder.checkpoints / scenario.agents[1]}: found checkpoints of rounds none, "
        "allowed: some near round 6, where others are"
    )
    assert (sorted(folder.path.rglob("*")), folder.metrics.read_text()) == before


def test_checkpoints_of_agents_that_the_scenario_does_not_have_are_refused(stopped):
    folder, scenario = stopped
    (folder.checkpoints / scenario.agents[0]).rename(folder.checkpoints / "somebody")
    with pytest.raises(InputError, match=f"^{folder.checkpoints}: found checkpoints of somebody, allowed: "):
        resume_run(folder.path)


def test_damaged_checkpoint_is_set_aside_for_an_older_one(stopped):
    folder, scenario = stopped
    expected = [state_at(scenario, folder, index, 6).theta for index in range(3)]
    path = store_of(scenario, folder, 1).path(6)
    path.write_bytes(path.read_bytes()[:-1])
    told = []
    resumed = resume_run(folder.path, tell=told.append)
    assert resumed.rounds == {0: 4, 1: 4, 2: 4}
    assert [str(path) in told[0], told[1]] == [
        True, "Rounds up to 6, to which not all agents had come, are done again.",
    ]  # fmt: skip
    assert path.with_name(f"{path.name}.damaged").exists()
    states = simulate(*resumed)
    for state, theta in zip(states, expected, strict=True):
        assert_array_equal(state.theta, theta)


def test_run_of_which_no_checkpoint_can_be_read_is_refused(stopped):
    folder, scenario = stopped
    store = store_of(scenario, folder, 2)
    for round in store.rounds():
        store.path(round).write_bytes(b"")
    with pytest.raises(CheckpointError, match="agent_2"):
        resume_run(folder.path)
    assert store.rounds() == [2, 4, 6]
