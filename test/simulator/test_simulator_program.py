import json
import re
import signal
import socket
import subprocess
import sys

import msgspec
import pytest

from dcpg_ros.simulator.rpc.framing import Framer

SCENE = """
name: cell
materials: {wall: {color: [0.8, 0.2, 0.2]}, floor: {color: [0, 1, 0]}, ceiling: {color: [0, 0, 1]}}
floorplan: |
  ######
  #....#
  #....#
  ######
legend: {'#': {wall: wall}}
starts: [[2, 2, 1.5, 0]]
"""


@pytest.fixture
def scene(tmp_path):
    path = tmp_path / "cell.yaml"
    path.write_text(SCENE)
    return path


class Program:
    """``dcpg simulator`` in a process of its own, once it listens."""

    def __init__(self, *arguments):
        command = [sys.executable, "-m", "dcpg_ros.cli.main", "simulator", *map(str, arguments)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.line = self.process.stdout.readline()
        self.port = int(re.search(r":(\d+),", self.line).group(1))

    def ask(self, method, *arguments):
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as peer:
            peer.sendall(msgspec.msgpack.encode([0, 1, method, arguments]))
            framer = Framer()
            while (answer := framer.next()) is None:
                framer.feed(peer.recv(1 << 16))
        return msgspec.msgpack.decode(answer)

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        _, errors = self.process.communicate(timeout=60)
        return self.process.returncode, errors


@pytest.fixture
def start():
    programs = []

    def begin(*arguments):
        programs.append(Program(*arguments))
        return programs[-1]

    yield begin
    for program in programs:
        if program.process.poll() is None:
            program.process.kill()
            program.process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_listens_answers_and_ends_cleanly(start, scene, number):
    program = start("--scene", scene, "--port", 0)
    assert program.line == f"listening on 127.0.0.1:{program.port}, scene cell\n"
    assert program.ask("ping") == [1, 1, None, True]
    assert program.end(number) == (0, "")


def test_the_command_line_goes_before_the_settings(start, scene, tmp_path):
    settings = tmp_path / "settings.json"
    settings.write_text(json.dumps({"ApiServerPort": 1, "ClockSpeed": 5, "Vehicles": {"PX4": {}}}))
    program = start("--scene", scene, "--settings", settings, "--port", 0)
    assert program.ask("listVehicles")[3] == ["PX4"]


def test_it_serves_the_world_of_an_agent_with_the_drones_of_its_scenario(start, write_drones):
    program = start("--scenario", write_drones(2, learner__flights=2), "--agent", "agent_1", "--port", 0)
    assert program.line.endswith(", scene little_room\n")
    assert program.ask("listVehicles")[3] == ["agent_1_0", "agent_1_1"]


def test_the_flown_paths_are_drawn_at_the_end(start, scene, tmp_path):
    image = pytest.importorskip("PIL.Image")
    picture = tmp_path / "paths.png"
    program = start("--scene", scene, "--port", 0, "--paths", picture)
    pose = {"position": {"x_val": 1.0, "y_val": 0.0, "z_val": 0.0}, "orientation": {"w_val": 1.0}}
    assert program.ask("simSetVehiclePose", pose, False, "")[2] is None
    assert program.ask("simPlotPoints", [{"x_val": 0.5}], [1.0, 0.0, 0.0], 5.0, -1.0, True)[2] is None
    assert program.end() == (0, "")
    assert image.open(picture).width > 100


def test_a_preview_is_drawn_without_a_server(dcpg, scene, tmp_path):
    image = pytest.importorskip("PIL.Image")
    picture = tmp_path / "preview.png"
    assert dcpg("simulator", "--scene", scene, "--preview", picture) == (0, "", "")
    assert image.open(picture).width > 100


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["--scene", "atlantis"],
            "atlantis: found no such scene, allowed: a scene file, or one of blocks, indoor",
        ),
        (["--scene", "atlantis.yaml"], "atlantis.yaml: found No such file"),
        (["--settings", "nothing.json"], "nothing.json: found No such file"),
        (["--port", "70000"], "a port is a number from 0 to 65535"),
        (["--port", "http"], "invalid _port value"),
        (["--clock-speed", "-1"], "a clock speed is a number from 0 to 1000"),
        (["--seed", "-1"], "a seed is a number >= 0"),
        (["--preview", "x.jpg"], "found x.jpg, allowed: a name that ends with .png"),
        (["--paths", "/nowhere/x.png"], "found /nowhere/x.png, allowed: a file in a folder"),
        (["--host", "203.0.113.1", "--port", "0"], "found 203.0.113.1:0, "),
        (["--host", "aa..bb", "--port", "0"], "found aa..bb:0, "),
    ],
)
def test_what_is_wrong_is_told_in_one_line_with_status_2(dcpg, scene, arguments, words):
    outcome = dcpg("simulator", "--scene", scene, *arguments)
    assert (outcome.status, outcome.out) == (2, "")
    assert words in outcome.err
    assert len(outcome.err.splitlines()) == 1


def test_a_port_in_use_is_told_in_one_line_with_status_2(dcpg, scene):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        outcome = dcpg("simulator", "--scene", scene, "--port", port)
    assert outcome == (
        2, "", f"simulator: port: found 127.0.0.1:{port}, in use, allowed: a free port of this machine\n"
    )  # fmt: skip


def test_a_missing_library_is_told_in_one_line_with_the_command():
    hide = "import sys; sys.modules['embreex'] = None"
    call = "from dcpg_ros.cli.main import main; sys.exit(main(['simulator']))"
    outcome = subprocess.run(
        [sys.executable, "-c", f"{hide}; {call}"], capture_output=True, text=True, timeout=60
    )
    assert outcome.returncode == 1
    assert "found no embreex, allowed: pip install 'dcpg_ros[simulator]'" in outcome.stderr
    assert len(outcome.stderr.splitlines()) == 1
