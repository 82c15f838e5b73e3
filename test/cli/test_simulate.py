import json

import pytest

from dcpg_ros.agent.metrics import read_metrics
from dcpg_ros.scenario import load_scenario

FILES = {"scenario.yaml", "summary.json", "metrics.csv", "checkpoints", "logs", "policy.png", "learning.png"}


def rounds_done(folder):
    summary = json.loads((folder / "summary.json").read_text())
    return summary["finished"], [agent["round"] for agent in summary["agents"]]


def test_run_leaves_what_the_design_lists(dcpg, write_scenario, tmp_path):
    folder = tmp_path / "run"
    status, out, err = dcpg("simulate", write_scenario(3, rounds=5), "--output", folder)
    assert (status, err) == (0, "")
    assert "3 agents, one policy" in out
    assert {path.name for path in folder.iterdir()} == FILES
    assert rounds_done(folder) == (True, [5, 5, 5])
    names = {path.relative_to(folder / "checkpoints").as_posix() for path in folder.rglob("*.safetensors")}
    assert names == {f"agent_{index}/0000000005.safetensors" for index in range(3)}
    for picture in ("policy.png", "learning.png"):
        assert f"{folder / picture}" in out


def test_overrides_count_and_are_kept(dcpg, write_scenario, tmp_path):
    path = write_scenario(2, rounds=50, seed=1)
    assert dcpg("simulate", path, "--output", tmp_path, "--rounds", 3, "--seed", 9).status == 0
    kept = load_scenario(tmp_path / "scenario.yaml")
    assert (kept.rounds, kept.seed) == (3, 9)
    assert rounds_done(tmp_path) == (True, [3, 3])
    assert json.loads((tmp_path / "summary.json").read_text())["seed"] == 9


def test_folder_that_holds_a_run_needs_force(dcpg, write_scenario, tmp_path):
    path = write_scenario(2)
    dcpg("simulate", path, "--output", tmp_path, "--rounds", 2)
    before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    status, out, err = dcpg("simulate", path, "--output", tmp_path, "--rounds", 4)
    assert (status, out) == (2, "")
    assert err.startswith(f"{tmp_path}: found a run, allowed: ")
    assert "--force" in err
    assert {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()} == before
    assert dcpg("simulate", path, "--output", tmp_path, "--rounds", 4, "--force").status == 0
    assert rounds_done(tmp_path) == (True, [4, 4])
    assert max(row.round for row in read_metrics(tmp_path / "metrics.csv")) == 4


def test_resumed_run_goes_on_to_more_rounds(dcpg, write_scenario, tmp_path):
    dcpg("simulate", write_scenario(2), "--output", tmp_path, "--rounds", 3)
    status, out, _ = dcpg("simulate", "--resume", tmp_path, "--rounds", 8)
    assert status == 0
    assert "Going on from round 3." in out
    assert rounds_done(tmp_path) == (True, [8, 8])
    assert [row.round for row in read_metrics(tmp_path / "metrics.csv")][::2] == list(range(1, 9))


def test_resuming_a_finished_run_tells_its_result_again(dcpg, write_scenario, tmp_path):
    first = dcpg("simulate", write_scenario(2), "--output", tmp_path)
    again = dcpg("simulate", "--resume", tmp_path)
    assert again.status == 0
    assert again.out.splitlines()[1:] == first.out.splitlines()


def test_run_is_not_resumed_to_fewer_rounds_than_it_has_done(dcpg, write_scenario, tmp_path):
    dcpg("simulate", write_scenario(2), "--output", tmp_path)
    status, out, err = dcpg("simulate", "--resume", tmp_path, "--rounds", 2)
    assert (status, out) == (2, "")
    assert "rounds: found 2" in err
    assert load_scenario(tmp_path / "scenario.yaml").rounds == 6


def test_summary_can_be_made_anew(dcpg, write_scenario, tmp_path):
    made = dcpg("simulate", write_scenario(2), "--output", tmp_path)
    summary = json.loads((tmp_path / "summary.json").read_text())
    for name in ("summary.json", "policy.png", "learning.png"):
        (tmp_path / name).unlink()
    again = dcpg("summarise", tmp_path)
    assert again == made
    assert json.loads((tmp_path / "summary.json").read_text()) == summary


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_output_that_cannot_be_a_folder_is_refused(dcpg, write_scenario, tmp_path, place):
    (tmp_path / "file").write_text("mine")
    status, out, err = dcpg("simulate", write_scenario(2), "--output", tmp_path / place)
    assert (status, out) == (2, "")
    assert err.startswith(f"{tmp_path / place}: found ")
    assert (tmp_path / "file").read_text() == "mine"
