"""The scenario file: one YAML says what a run is. One loader, used by every command, node and launch file."""

from dcpg_ros.scenario.loader import find_scenario, load_scenario
from dcpg_ros.scenario.scenario import DroneScenario, Scenario, TabularScenario

__all__ = ["DroneScenario", "Scenario", "TabularScenario", "find_scenario", "load_scenario"]
