"""Declaring parameters with a description, a range and whether they may change."""

from __future__ import annotations

from typing import Any

from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor
from rclpy.node import Node

from dcpg_ros.core.errors import InputError
from dcpg_ros.scenario import Scenario, find_scenario, load_scenario

LARGEST = 2**31 - 1
FROM_SCENARIO = -1  # the value of an override that is not given


def declare(
    node: Node, name: str, default: Any, description: str, *,
    read_only: bool = True, constraints: str = "",
    at_least: float | None = None, at_most: float | None = None,
) -> Any:  # fmt: skip
    """Declares a parameter and returns its value; ROS 2 itself then refuses what is out of range."""
    descriptor = ParameterDescriptor(
        description=description, read_only=read_only, additional_constraints=constraints
    )
    if at_least is not None and isinstance(default, int):
        descriptor.integer_range = [
            IntegerRange(from_value=int(at_least), to_value=int(at_most or LARGEST), step=0)
        ]
    elif at_least is not None:
        limits = FloatingPointRange(from_value=float(at_least), to_value=float(at_most or LARGEST), step=0.0)
        descriptor.floating_point_range = [limits]
    return node.declare_parameter(name, default, descriptor).value


def declare_scenario(node: Node) -> Scenario:
    """The parameters that say which scenario to run, and the scenario.

    Raises:
        InputError: if it is missing or wrong.
    """
    path = declare(node, "scenario", "", "Scenario file, or the name of one that comes with the package")
    rounds = declare(
        node, "rounds", FROM_SCENARIO, "Total number of rounds; -1: as the scenario says", at_least=-1
    )
    seed = declare(
        node, "seed", FROM_SCENARIO, "Seed of all random numbers; -1: as the scenario says", at_least=-1
    )
    if not path:
        raise InputError(
            node.get_fully_qualified_name(), "scenario", "nothing", "the path of a scenario file"
        )
    return load_scenario(
        find_scenario(path),
        rounds=None if rounds == FROM_SCENARIO else rounds,
        seed=None if seed == FROM_SCENARIO else seed,
    )
