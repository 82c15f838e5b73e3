"""The scenario file: one YAML says what a run is. One loader, used by every command, node and launch file."""

from dcpg_ros.scenario.loader import find_scenario, load_scenario
from dcpg_ros.scenario.scenario import Scenario

__all__ = ["Scenario", "find_scenario", "load_scenario"]
