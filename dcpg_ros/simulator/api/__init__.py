"""AirSim's API: one module for each family of methods, and the wire they share."""

from dcpg_ros.simulator.api.cameras import Cameras
from dcpg_ros.simulator.api.environment import Environment
from dcpg_ros.simulator.api.markers import Markers
from dcpg_ros.simulator.api.moves import Moves
from dcpg_ros.simulator.api.objects import Objects
from dcpg_ros.simulator.api.sensors import Sensors
from dcpg_ros.simulator.api.session import Session
from dcpg_ros.simulator.api.state import State
from dcpg_ros.simulator.api.tilts import Tilts
from dcpg_ros.simulator.rpc import Registry
from dcpg_ros.simulator.simulation import Simulation

FAMILIES = (Session, State, Moves, Tilts, Cameras, Sensors, Objects, Markers, Environment)


def api_of(simulation: Simulation) -> Registry:
    """Every method that a client can call on a simulation."""
    return Registry(*(family(simulation) for family in FAMILIES))
