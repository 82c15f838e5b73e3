"""An exact little world to fly in: half spaces and boxes, swept by a sphere in closed form or to 1e-12 m."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dcpg_ros.simulator.flight.airspace import Airspace
from dcpg_ros.simulator.flight.clock import Clock
from dcpg_ros.simulator.flight.vehicle import Vehicle
from dcpg_ros.simulator.geometry import Pose


@dataclass(frozen=True, eq=False)
class Hit:
    fraction: float
    position: np.ndarray
    point: np.ndarray
    normal: np.ndarray
    body: str
    penetration: float


@dataclass(frozen=True, eq=False)
class Plane:
    """All points with normal . p <= offset are solid."""

    name: str
    normal: tuple[float, float, float]
    offset: float

    def gap(self, centre, radius):
        return float(np.dot(self.normal, centre)) - self.offset - radius

    def sweep(self, start, end, radius):
        before, after = self.gap(start, radius), self.gap(end, radius)
        if after >= 0 or after >= before:
            return None
        fraction = max(before, 0.0) / (max(before, 0.0) - after)
        centre = start + fraction * (end - start)
        normal = np.array(self.normal, dtype=float)
        return Hit(fraction, centre, centre - radius * normal, normal, self.name, max(-before, 0.0))

    def overlap(self, centre, radius):
        depth = -self.gap(centre, radius)
        normal = np.array(self.normal, dtype=float)
        return Hit(0.0, centre, centre - radius * normal, normal, self.name, depth) if depth >= 0 else None


@dataclass(frozen=True, eq=False)
class Box:
    """A solid box, axis by axis from ``low`` to ``high``."""

    name: str
    low: tuple[float, float, float]
    high: tuple[float, float, float]

    def gap(self, centre, radius):
        return float(np.linalg.norm(centre - np.clip(centre, self.low, self.high))) - radius

    def contact(self, fraction, centre, depth):
        point = np.clip(centre, self.low, self.high)
        return Hit(
            fraction, centre, point, (centre - point) / np.linalg.norm(centre - point), self.name, depth
        )

    def sweep(self, start, end, radius):
        """Sphere tracing: a step as long as the gap cannot miss the first touch."""
        length = float(np.linalg.norm(end - start))
        if length == 0:
            return None
        way, done = (end - start) / length, 0.0
        if (gap := self.gap(start, radius)) <= 0:
            closer = self.gap(start + 1e-9 * way, radius) < gap
            return self.contact(0.0, start, -gap) if closer else None
        while gap > 1e-12:
            done += gap
            if done > length:
                return None
            gap = self.gap(start + done * way, radius)
        return self.contact(done / length, start + done * way, 0.0)

    def overlap(self, centre, radius):
        depth = -self.gap(centre, radius)
        return self.contact(0.0, centre, depth) if depth >= 0 else None


class SmallWorld:
    """Several solids; ``World`` of the simulator for the purposes of flight."""

    def __init__(self, *solids):
        self.solids = solids

    def sweep(self, start, end, radius):
        hits = [hit for solid in self.solids if (hit := solid.sweep(start, end, radius))]
        return min(hits, key=lambda hit: hit.fraction, default=None)

    def overlap(self, centre, radius):
        hits = [hit for solid in self.solids if (hit := solid.overlap(centre, radius))]
        return max(hits, key=lambda hit: hit.penetration, default=None)


FLOOR = Plane("floor", (0, 0, -1), 0.0)
ROOM = SmallWorld(
    FLOOR,
    Plane("ceiling", (0, 0, 1), -10.0),
    Plane("north", (-1, 0, 0), -20.0),
    Plane("south", (1, 0, 0), -20.0),
    Plane("east", (0, -1, 0), -20.0),
    Plane("west", (0, 1, 0), -20.0),
    Box("block", (5, -1, -3), (7, 1, 0)),
)


class Wall:
    """A wall clock that is turned by hand."""

    def __init__(self):
        self.ns = 0

    def __call__(self):
        return self.ns


def airspace(world=None, speed=1.0, step_s=0.01, wall=None) -> Airspace:
    return Airspace(world or SmallWorld(), Clock(step_s, speed, epoch_ns=0, wall_ns=wall or Wall()))


def drone(position=(0.0, 0.0, -5.0), world=None, **options) -> Vehicle:
    """A drone under API control; step it with ``fly``."""
    space = airspace(world, **options)
    vehicle = space.add("drone", Pose(np.array(position, dtype=float)), radius_m=0.3)
    vehicle.api_control = True
    return vehicle


async def fly(vehicle, manoeuvre, most_s=1000.0, each=None):
    """Steps by hand until the manoeuvre has ended: how it ended, and the simulated seconds it took."""
    space = vehicle._airspace
    space.wake = lambda: None  # no stepping by the event loop
    ended = vehicle.start(manoeuvre)
    begun = space.clock.now_ns
    while not ended.done():
        assert space.clock.now_ns - begun < most_s * 1e9, "the manoeuvre does not end"
        assert space.step()
        if each:
            each(vehicle)
    return ended.result(), (space.clock.now_ns - begun) / 1e9


async def rest(vehicle, each=None):
    """Steps by hand until nothing moves."""
    while vehicle._airspace.step():
        if each:
            each(vehicle)
