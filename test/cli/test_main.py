import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import dcpg_ros
from dcpg_ros.assembly.beginning import begin_run
from dcpg_ros.assembly.parts import store_of
from dcpg_ros.assembly.simulation import simulate
from dcpg_ros.cli.main import main

DCPG = [sys.executable, "-m", "dcpg_ros.cli.main"]


def assert_one_line(text):
    assert text.endswith("\n")
    assert len(text.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "COMMAND"),
        (["frobnicate"], "invalid choice: 'frobnicate'"),
        (["check"], "scenario"),
        (["check", "a.yaml", "b.yaml"], "unrecognized arguments: b.yaml"),
        (["check", "theorem2", "--colour"], "--colour"),
        (["check", "no_such_scenario"], "no_such_scenario: found"),
        (["check", "no/such/scenario.yaml"], "No such file"),
        (["simulate"], "no SCENARIO or no --output"),
        (["simulate", "--output", "run"], "no SCENARIO or no --output"),
        (["simulate", "theorem2"], "no SCENARIO or no --output"),
        (["simulate", "theorem2", "--output", "run", "--rounds", "many"], "invalid int value: 'many'"),
        (["simulate", "theorem2", "--output", "run", "--rounds", "-1"], "rounds: found -1"),
        (["simulate", "theorem2", "--output", "run", "--seed", "-1"], "seed: found -1"),
        (["simulate", "--resume", "nowhere"], "nowhere: found no run"),
        (["simulate", "--resume", "."], "found no run"),
        (["simulate", "--resume", ".", "theorem2"], "--resume: found SCENARIO, --output or --seed beside it"),
        (["simulate", "--resume", ".", "--output", "run"], "--resume: found SCENARIO, --output or --seed"),
        (["simulate", "--resume", ".", "--seed", "0"], "--resume: found SCENARIO, --output or --seed"),
        (["run", "--resume", ".", "--seed", "0"], "--resume: found SCENARIO, --output or --seed"),
        (["run", "theorem2", "--output", "run", "--sampling", "telepathy"], "invalid choice: 'telepathy'"),
        (["summarise", "nowhere"], "nowhere: found no run"),
        (["summarise"], "folder"),
    ],
)
def test_wrong_arguments_are_refused_in_one_line(dcpg, tmp_path, monkeypatch, arguments, words):
    if arguments[:1] == ["run"] and "--resume" in arguments:
        pytest.importorskip("rclpy", reason="without ROS 2, dcpg run says so first")
    monkeypatch.chdir(tmp_path)
    status, out, err = dcpg(*arguments)
    assert (status, out) == (2, "")
    assert_one_line(err)
    assert words in err
    assert ": found " in err
    assert ", allowed: " in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", [["--help"], ["simulate", "--help"], ["--version"]])
def test_help_and_version_are_no_errors(capsys, arguments):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "dcpg" in out
    assert arguments != ["--version"] or out == f"dcpg {dcpg_ros.__version__}\n"


def test_run_without_ros_says_how_to_get_it(dcpg, tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    status, out, err = dcpg("run", "theorem2", "--output", tmp_path / "run")
    assert (status, out) == (1, "")
    assert_one_line(err)
    assert "rclpy" in err
    assert "dcpg simulate" in err
    assert not (tmp_path / "run").exists()


def test_failure_that_is_nobodys_input_is_status_1(dcpg, write_scenario, tmp_path):
    begun = begin_run(write_scenario(2), tmp_path)
    simulate(*begun)
    path = store_of(begun.scenario, begun.folder, 0).path(6)
    path.write_bytes(b"nothing")
    for command in (["simulate", "--resume", tmp_path, "--rounds", "9"], ["summarise", tmp_path]):
        status, _, err = dcpg(*command)
        assert status == 1
        assert_one_line(err)
        assert err.startswith(f"{path}: ")


def test_interrupted_command_ends_with_130_and_no_traceback(tmp_path, until):
    """The scenario is a pipe in which nothing comes, so the command hangs until it is interrupted."""
    pipe = tmp_path / "scenario.yaml"
    os.mkfifo(pipe)
    child = subprocess.Popen(
        [*DCPG, "check", str(pipe)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a job in the background ignores it
    )  # fmt: skip

    def open_for_writing():
        assert child.poll() is None
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:  # while nobody reads
            if error.errno != errno.ENXIO:
                raise
        return None

    def sleeps_in_reading():
        # Not while it still opens: Python loses an interrupt that comes while it makes a buffered reader.
        opened = [os.readlink(file) for file in Path(f"/proc/{child.pid}/fd").iterdir()]
        state = Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()[0]
        return str(pipe) in opened and state == "S"

    end = until(open_for_writing)
    until(sleeps_in_reading)
    child.send_signal(signal.SIGINT)
    out, err = child.communicate()
    os.close(end)
    assert (child.returncode, out, err) == (130, b"", b"")


def test_stopped_run_can_be_gone_on_with_and_is_as_if_never_stopped(dcpg, write_scenario, tmp_path, until):
    path = write_scenario(2, rounds=10**6)
    parts, whole = tmp_path / "parts", tmp_path / "whole"
    command = [*DCPG, "simulate", str(path), "--output", str(parts)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    metrics = parts / "metrics.csv"

    def has_begun():
        assert child.poll() is None
        return metrics.exists() and metrics.read_bytes().count(b"\n") > 10

    until(has_begun)
    child.send_signal(signal.SIGTERM)
    out, err = child.communicate()
    assert child.returncode == 130, err
    summary = json.loads((parts / "summary.json").read_text())
    assert summary["finished"] is False
    [done] = {agent["round"] for agent in summary["agents"]}
    assert f"Stopped after {done} of 1000000 rounds." in out
    assert f"--resume {parts}" in out

    status, out, _ = dcpg("simulate", "--resume", parts, "--rounds", done + 7)
    assert status == 0
    assert f"Going on from round {done}." in out
    begun = begin_run(path, whole, rounds=done + 7)
    for index, state in enumerate(simulate(*begun)):
        again = store_of(begun.scenario, type(begun.folder)(parts), index).load(done + 7)
        assert again.theta.tobytes() == state.theta.tobytes()
