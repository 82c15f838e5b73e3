"""What the families of methods share: one simulation, and the way names and frames are looked up in it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from dcpg_ros.simulator.api.frames import Frame
from dcpg_ros.simulator.api.types import GeoPoint
from dcpg_ros.simulator.flight import geodesy
from dcpg_ros.simulator.geometry import Array
from dcpg_ros.simulator.rpc import RpcError
from dcpg_ros.simulator.simulation import Drone, Simulation


class Group:
    """Methods that act on one simulation."""

    def __init__(self, simulation: Simulation) -> None:
        self.simulation = simulation

    @property
    def now_ns(self) -> int:
        """The simulated time."""
        return self.simulation.airspace.clock.now_ns

    @property
    def frame(self) -> Frame:
        """The frame of what belongs to no vehicle."""
        return Frame(self.simulation.player_start.position)

    def drone(self, name: str) -> Drone:
        """The drone of this name; "" is the first. Raises RpcError if there is none."""
        drones = self.simulation.drones
        if name in drones:
            return drones[name]
        if name:
            raise RpcError(f"no vehicle is called {name!r}; there are {', '.join(drones)}")
        return next(iter(drones.values()))

    def geodetic(self, position: Array) -> geodesy.GeoPoint:
        """The place on the Earth of a point of the world (3,)."""
        return geodesy.to_geodetic(position - self.frame.origin, self.simulation.settings.origin)

    def geo_point(self, position: Array) -> GeoPoint:
        """The same on the wire."""
        place = self.geodetic(position)
        return GeoPoint(place.latitude, place.longitude, place.altitude)

    def place(self, wire: GeoPoint) -> Array:
        """The point of the world (3,) of a place on the Earth."""
        place = geodesy.GeoPoint(wire.latitude, wire.longitude, wire.altitude)
        return self.frame.origin + geodesy.to_ned(place, self.simulation.settings.origin)


def local(drone: Drone) -> Frame:
    """The frame of what belongs to a drone."""
    return Frame(drone.vehicle.start_pose.position)


@contextlib.contextmanager
def refusing() -> Iterator[None]:
    """Makes what the layers below refuse (ValueError) an answer for the caller."""
    try:
        yield
    except ValueError as error:
        raise RpcError(str(error)) from None
