import json
import os
import signal
import subprocess
import sys

import pytest

from dcpg_ros.agent.checkpoint import CheckpointStore
from dcpg_ros.agent.metrics import read_metrics
from dcpg_ros.agent.run_folder import RunFolder
from dcpg_ros.assembly.parts import schema_of
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


@pytest.mark.parametrize("name", ["summary.json", "metrics.csv", "scenario.yaml"])
def test_what_the_disk_refuses_is_one_line(dcpg, write_scenario, tmp_path, name):
    assert dcpg("simulate", write_scenario(2), "--output", tmp_path / "run").status == 0
    path = tmp_path / "run" / name
    path.unlink()
    path.mkdir()
    status, _, err = dcpg("simulate", "--resume", tmp_path / "run", "--rounds", 9)
    assert status in (1, 2)
    assert len(err.splitlines()) == 1
    assert str(path.parent) in err


def test_run_that_another_process_works_on_is_left_alone(dcpg, write_scenario, tmp_path):
    path = write_scenario(2, rounds=4)
    assert dcpg("simulate", path, "--output", tmp_path / "run").status == 0
    other = RunFolder.existing(tmp_path / "run")
    other.claim()
    words = f"{tmp_path / 'run'}: found a run under way, allowed: one that no process works on\n"
    for arguments in (("--resume", tmp_path / "run"), (path, "--output", tmp_path / "run", "--force")):
        assert dcpg("simulate", *arguments) == (2, "", words)
    del other
    assert dcpg("simulate", "--resume", tmp_path / "run", "--rounds", 6).status == 0


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


@pytest.mark.usefixtures("flyable")
def test_drones_fly_stop_and_go_on(dcpg, write_drones, tmp_path):
    status, out, err = dcpg("simulate", write_drones(rounds=2), "--output", tmp_path / "run")
    assert (status, err) == (0, "")
    assert "2 agents, one policy, 48 steps: mean safe flight" in out
    assert {path.name for path in (tmp_path / "run").iterdir()} == FILES - {"policy.png"}
    assert dcpg("simulate", "--resume", tmp_path / "run", "--rounds", 3).status == 0
    assert rounds_done(tmp_path / "run") == (True, [3, 3])
    assert dcpg("simulate", write_drones(rounds=3), "--output", tmp_path / "whole").status == 0
    for index in range(2):
        thetas = [
            CheckpointStore(tmp_path / name / "checkpoints" / f"agent_{index}", schema).load(3).theta
            for name in ("run", "whole")
            for schema in [schema_of(load_scenario(write_drones()))]
        ]
        assert thetas[0].tobytes() == thetas[1].tobytes()
    again = dcpg("summarise", tmp_path / "run")
    assert again.status == 0
    assert "mean safe flight" in again.out


@pytest.mark.usefixtures("flyable")
def test_interrupted_flights_are_saved(write_drones, tmp_path, until):
    """Ctrl-C, as a shell sends it, to the program in a process of its own."""
    command = [sys.executable, "-m", "dcpg_ros.cli.main", "simulate", write_drones(rounds=100_000)]
    with subprocess.Popen(
        [*command, "--output", tmp_path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            until(lambda: (tmp_path / "metrics.csv").exists() and read_metrics(tmp_path / "metrics.csv"))
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert (process.returncode, err) == (130, "")
    finished, rounds = rounds_done(tmp_path)
    assert not finished
    assert rounds[0] == rounds[1] > 0
    assert f"Stopped after {rounds[0]} of 100000 rounds." in out
    newest = sorted(path.stem for path in (tmp_path / "checkpoints" / "agent_1").iterdir())[-1]
    assert int(newest) == rounds[1]


@pytest.mark.usefixtures("flyable")
@pytest.mark.parametrize("library", ["torch", "embreex"])
def test_missing_library_is_one_line_that_names_the_extra(write_drones, tmp_path, library):
    (tmp_path / f"{library}.py").write_text(f"raise ModuleNotFoundError('no', name='{library}')")
    path = os.pathsep.join([str(tmp_path), *sys.path])
    process = subprocess.run(
        [sys.executable, "-m", "dcpg_ros.cli.main", "simulate", write_drones(), "--output", tmp_path / "run"],
        capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip
    assert (process.returncode, process.stdout) == (1, "")
    extra = {"torch": "learning", "embreex": "simulator"}[library]
    assert process.stderr == f"generated: found no {library}, allowed: pip install 'dcpg_ros[{extra}]'\n"
