"""What several folders of tests share: scenarios of any size, the command line, repeatable fuzzing."""

import copy
import json
import signal
import threading
import time
from collections import namedtuple

import pytest
from hypothesis import HealthCheck, Phase, settings

from dcpg_ros.cli.main import main
from dcpg_ros.scenario import load_scenario

# The same few examples on every machine; `pytest --hypothesis-profile=exploring` looks for new ones.
common = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("exploring", max_examples=500, **common)
settings.register_profile(
    "repeatable", max_examples=50, derandomize=True, phases=set(Phase) - {Phase.explain}, **common
)
settings.load_profile("repeatable")

CELLS = 3  # of a side of the generated maps
Outcome = namedtuple("Outcome", "status out err")


def _map(agent):
    """A start at the top left, and a goal and an obstacle whose places depend on the agent."""
    cells = ["S"] + ["."] * (CELLS**2 - 1)
    cells[1 + agent % 8], cells[1 + (agent + 3) % 8] = "G", "#"
    return "\n".join("".join(cells[row : row + CELLS]) for row in range(0, CELLS**2, CELLS)) + "\n"


def _data(size):
    return {
        "fileversion": 1,
        "seed": 5,
        "rounds": 6,
        "agents": {"count": size},
        "graph": {"topology": "ring", "weights": "lazy_metropolis"},
        "environment": {
            "type": "gridworld",
            "discount": 0.9,
            "horizon": 12,
            "tasks": [{"map": _map(agent)} for agent in range(size)],
        },
        "learner": {"type": "tabular", "gradient": "exact", "step_size": 2.0, "regularisation": 0.1},
        "record": {"metrics_every": 1, "checkpoint_every": 1000},
    }


ROOM = """
cell: 1.0
height: 2.5
materials:
  wall: {color: [0.7, 0.4, 0.3]}
  floor: {color: [0.4, 0.4, 0.4]}
  ceiling: {color: [0.5, 0.5, 0.6]}
floorplan: |
  #########
  #.......#
  #.......#
  #.....b.#
  #########
legend:
  '#': {wall: wall}
  'b': {box: [0.8, 0.8, 2.0], material: floor}
starts:
  - [2.5, 2.5, 1.2, 0]
  - [6.5, 1.5, 1.2, 135]
"""


def _drone_data(size, scene):
    return {
        "fileversion": 1,
        "seed": 5,
        "rounds": 4,
        "agents": {"count": size},
        "graph": {"topology": "path", "weights": "lazy_metropolis"},
        "environment": {
            "type": "airsim",
            "camera": {"width": 32},
            "cap_m": 4.0,
            "tasks": [{"scene": str(scene)} for _ in range(size)],
        },
        "learner": {"type": "a2c", "network": "small", "flights": 2, "steps_per_round": 6},
        "record": {"metrics_every": 1, "checkpoint_every": 1000},
    }


@pytest.fixture(scope="session")
def write_scenario(tmp_path_factory):
    """Writes a scenario of so many agents, but for changes such as ``graph__topology="star"``."""
    folder = tmp_path_factory.mktemp("scenarios")

    def write(size=3, data=None, **changes):
        data = data or _data(size)
        for name, value in changes.items():
            *sections, key = name.split("__")
            place = data
            for section in sections:
                place = place.setdefault(section, {})
            place[key] = copy.deepcopy(value)
        path = folder / "generated.yaml"
        path.write_text(json.dumps(data))  # JSON is YAML
        return path

    return write


@pytest.fixture(scope="session")
def little_room(tmp_path_factory):
    """The file of a scene that is quickly built."""
    scene = tmp_path_factory.mktemp("scenes") / "little_room.yaml"
    scene.write_text(ROOM)
    return scene


@pytest.fixture(scope="session")
def write_drones(write_scenario, little_room):
    """The same for a scenario of drones, which fly in a little room of their own each."""
    return lambda size=2, **changes: write_scenario(data=_drone_data(size, little_room), **changes)


@pytest.fixture(scope="session")
def flyable():
    """For tests in which drones learn: without torch and the simulator's libraries they are skipped."""
    for library in ("torch", "embreex", "trimesh"):
        pytest.importorskip(library)


@pytest.fixture(scope="session")
def scratch(tmp_path_factory):
    """A folder for tests that run many examples, each of which writes its files anew."""
    return tmp_path_factory.mktemp("scratch")


@pytest.fixture(scope="session")
def make_scenario(write_scenario):
    """A scenario of so many agents, loaded."""
    return lambda size=3, **changes: load_scenario(write_scenario(size, **changes))


@pytest.fixture
def dcpg(capsys):
    """Runs a command in this process; its exit status and what it printed."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}

    def call(*arguments):
        capsys.readouterr()
        status = main([str(argument) for argument in arguments])
        return Outcome(status, *capsys.readouterr())

    yield call
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.fixture(scope="session")
def until():
    """Looks again and again until a condition holds; its value."""

    def look(condition, limit_s=60.0):
        end = time.monotonic() + limit_s
        while not (value := condition()):
            assert time.monotonic() < end, "it never happened"
            threading.Event().wait(0.005)
        return value

    return look
