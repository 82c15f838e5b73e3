"""The walls of the house: what each layer may import (design, section 2)."""

import ast
import json
import os
import pkgutil
import subprocess
import sys
from importlib.util import resolve_name
from pathlib import Path

import pytest

import dcpg_ros

PACKAGE = Path(dcpg_ros.__file__).parent

# A layer may import itself and these. Whoever is not named here may import nothing of the package.
BELOW = {
    "core": set(),
    "scenario": {"core"},
    "agent": {"core", "scenario"},
    "learning": {"core", "scenario"},
    "envs": {"core", "scenario"},
    "simulator": {"core", "scenario"},
    "assembly": {"core", "scenario", "agent", "learning", "envs", "simulator"},
    "analysis": {"core", "scenario", "agent", "assembly"},
    "nodes": {"core", "scenario", "agent", "learning", "envs", "simulator", "assembly", "analysis"},
    "cli": {"core", "scenario", "agent", "learning", "envs", "simulator", "assembly", "analysis"},
}
WITHOUT_TORCH = {"", "core", "scenario", "agent", "simulator", "analysis"}
ROS = ("rclpy", "rcl_interfaces", "rosidl", "ament_index", "builtin_interfaces", "launch_ros")


MODULES = {
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts): path
    for path in sorted(PACKAGE.rglob("*.py"))
}


def imported(module, source):
    """Every name that the source imports, wherever in it; ``from a import b`` may mean the module a.b."""
    package = module.removesuffix(".__init__") if module.endswith(".__init__") else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = resolve_name("." * node.level + (node.module or ""), package)
            yield from (f"{base}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            yield from (name.value for name in node.args[:1] if isinstance(name, ast.Constant))


def layer_of(module):
    """``core`` of ``dcpg_ros.core.mdp``; nothing of the package itself."""
    layer = [*module.split("."), ""][1]
    return "" if layer == "__init__" else layer


def violations(module, source):
    """What a module imports and may not."""
    layer = layer_of(module)
    above = BELOW.keys() - BELOW.get(layer, set()) - {layer}

    def allowed(name):
        top = name.split(".")[0]
        is_ros = top.endswith("_msgs") or top.startswith(ROS)
        return not (
            (top == "dcpg_ros" and layer_of(name) in above)
            or (top == "torch" and layer in WITHOUT_TORCH)
            or (is_ros and layer != "nodes")
        )

    return [name for name in imported(module, source) if not allowed(name)]


@pytest.mark.parametrize("module", MODULES)
def test_module_imports_downwards_only(module):
    assert violations(module, MODULES[module].read_text()) == []


def test_every_layer_is_known_and_was_looked_at():
    layers = {layer_of(name) for name in MODULES}
    assert layers <= {"", *BELOW}
    assert layers >= {"", "core", "scenario", "agent", "assembly", "analysis", "nodes", "cli"}


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("dcpg_ros.core.mdp", "from dcpg_ros.agent import wire"),
        ("dcpg_ros.core.mdp", "def late():\n    import dcpg_ros.scenario.loader"),
        ("dcpg_ros.core.mdp", "from dcpg_ros import scenario"),
        ("dcpg_ros.core.mdp", "from ..agent.wire import pack"),
        ("dcpg_ros.core.mdp", "from .. import agent"),
        ("dcpg_ros.core", "from .agent import x\nfrom dcpg_ros.cli.main import main"),
        ("dcpg_ros.core.__init__", "from ..learning import networks"),
        ("dcpg_ros.core.mdp", "import importlib\nimportlib.import_module('dcpg_ros.agent')"),
        ("dcpg_ros.core.mdp", "__import__('torch')"),
        ("dcpg_ros.core.mdp", "try:\n    import torch.nn\nexcept ImportError:\n    pass"),
        ("dcpg_ros.scenario.loader", "import dcpg_ros.agent.wire"),
        ("dcpg_ros.agent.rounds", "from dcpg_ros.analysis.results import Results"),
        ("dcpg_ros.agent.rounds", "from dcpg_ros.learning.ppo import PPO"),
        ("dcpg_ros.agent.rounds", "from torch import nn"),
        ("dcpg_ros.agent.rounds", "from dcpg_ros.assembly.parts import engine_of"),
        ("dcpg_ros.envs.drone", "from dcpg_ros.assembly.drones import DroneFamily"),
        ("dcpg_ros.assembly.parts", "from dcpg_ros.cli.main import main"),
        ("dcpg_ros.assembly.parts", "from dcpg_ros.analysis.results import Results"),
        ("dcpg_ros.analysis.results", "from dcpg_ros.learning.ppo import PPO"),
        ("dcpg_ros.analysis.results", "from sensor_msgs.msg import Image"),
        ("dcpg_ros.learning.ppo", "from dcpg_ros.envs.gridworld import Env"),
        ("dcpg_ros.learning.ppo", "from dcpg_ros.agent.wire import pack"),
        ("dcpg_ros.envs.drone", "from dcpg_ros.simulator.server import Server"),
        ("dcpg_ros.simulator.server", "from dcpg_ros.agent.wire import pack"),
        ("dcpg_ros.simulator.server", "from dcpg_ros.learning.ppo import PPO"),
        ("dcpg_ros.cli.run", "from dcpg_ros.nodes.agent_node import main"),
        ("dcpg_ros.nodes.agent_node", "from dcpg_ros.cli.main import main"),
        ("dcpg_ros.cli.run", "import rclpy"),
        ("dcpg_ros.agent.transport", "from std_msgs.msg import UInt8MultiArray"),
        ("dcpg_ros.envs.drone", "from rclpy.node import Node"),
        ("dcpg_ros.__init__", "from dcpg_ros.core.mdp import TabularMDP"),
        ("dcpg_ros.version", "from dcpg_ros.core.mdp import TabularMDP"),
    ],
)
def test_checker_sees_what_is_not_allowed(module, source):
    assert violations(module, source)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("dcpg_ros.core.mdp", "import numpy as np\nfrom dcpg_ros.core.errors import InputError"),
        ("dcpg_ros.core.mdp", "from . import errors\nfrom .policy import softmax"),
        ("dcpg_ros.core.mdp", "'import torch'  # import rclpy\ntorch = 1"),
        ("dcpg_ros.agent.rounds", "from ..core.mixing import mix\nfrom dcpg_ros.scenario import Scenario"),
        ("dcpg_ros.learning.ppo", "import torch\nfrom dcpg_ros.core.mdp import TabularMDP"),
        ("dcpg_ros.assembly.drones", "import torch\nfrom dcpg_ros.envs.flights import Flights"),
        ("dcpg_ros.analysis.results", "from dcpg_ros.assembly.parts import store_of"),
        ("dcpg_ros.nodes.agent_node", "import rclpy, torch\nfrom std_msgs.msg import Float64"),
        ("dcpg_ros.cli.main", "import dcpg_ros\nfrom dcpg_ros import __version__"),
    ],
)
def test_checker_lets_through_what_is_allowed(module, source):
    assert violations(module, source) == []


LOADS = """
import importlib, json, sys
found = {}
for name in sys.argv[1:]:
    importlib.import_module(name)
    found[name] = sorted({"torch", "rclpy", "matplotlib"} & set(sys.modules))
print(json.dumps(found))
"""


def loaded_by(names, folder):
    """Which heavy libraries are there after each of these imports, made in this order in one new process.

    Stand-ins for torch and rclpy come first on the path, so that importing them would succeed anywhere.
    """
    for stand_in in ("torch", "rclpy"):
        (folder / f"{stand_in}.py").write_text("")
    path = [str(folder), str(PACKAGE.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path)}
    command = [sys.executable, "-c", LOADS, *names]
    return json.loads(subprocess.run(command, env=environment, check=True, capture_output=True).stdout)


def everything_in(package):
    folder = PACKAGE / package
    return [f"dcpg_ros.{package}.{module.name}" for module in pkgutil.iter_modules([str(folder)])]


def test_importing_loads_no_torch_no_rclpy_and_matplotlib_only_to_draw(tmp_path):
    light = [
        *everything_in("core"),
        *everything_in("scenario"),
        *everything_in("agent"),
        *everything_in("simulator"),
        *everything_in("assembly"),
        *everything_in("cli"),
    ]
    drawing = everything_in("analysis")
    assert "dcpg_ros.assembly.simulation" in light
    assert "dcpg_ros.cli.main" in light
    found = loaded_by([*light, *drawing, "torch", "rclpy"], tmp_path)
    assert {name: found[name] for name in light if found[name]} == {}
    assert all(set(found[name]) <= {"matplotlib"} for name in drawing)
    assert found["rclpy"] == ["matplotlib", "rclpy", "torch"]  # the check sees what is there
