"""A drone is a sphere: its motion is swept against the world and the other drones, and it slides along."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from dcpg_ros.simulator.flight.dynamics import STILL
from dcpg_ros.simulator.geometry import Array

SKIN_M = 2e-4  # kept between a drone and what it touches, so that sliding along is not touching again
MOST_CONTACTS = 4  # surfaces met in one step; in a tighter corner the drone stops


class Contact(Protocol):
    """Where a moving sphere first touches something."""

    @property
    def fraction(self) -> float:
        """How much of the way was free, 0 to 1."""

    @property
    def position(self) -> Array:
        """The sphere's centre there; (3,) m."""

    @property
    def point(self) -> Array:
        """Where it touches; (3,) m."""

    @property
    def normal(self) -> Array:
        """Unit vector from the surface to the sphere; (3,)."""

    @property
    def body(self) -> str:
        """The name of what it touches."""

    @property
    def penetration(self) -> float:
        """How deep the sphere is already inside, m."""


class Surroundings(Protocol):
    """What a drone can run into."""

    def sweep(self, start: Array, end: Array, radius: float) -> Contact | None:
        """The first contact of a sphere moved along a segment; None if the way is free."""

    def overlap(self, centre: Array, radius: float) -> Contact | None:
        """The deepest contact of a sphere at rest; None if it touches nothing."""


@dataclass(frozen=True, eq=False)
class CollisionInfo:
    """The last collision, field by field as AirSim tells it; NED world frame."""

    has_collided: bool = False
    penetration_depth: float = 0.0
    time_stamp: int = 0  # ns
    normal: Array = field(default_factory=lambda: STILL)
    impact_point: Array = field(default_factory=lambda: STILL)
    position: Array = field(default_factory=lambda: STILL)  # the drone's
    object_name: str = ""
    object_id: int = -1


@dataclass(frozen=True, eq=False)
class Ball:
    """Another drone, standing still while this one makes its step."""

    name: str
    centre: Array
    radius: float

    def sweep(self, start: Array, end: Array, radius: float) -> Touch | None:
        """The first contact of a sphere moved along a segment; None if it misses or moves away."""
        reach = radius + self.radius
        offset, way = start - self.centre, end - start
        length2, approach, gap2 = float(way @ way), float(offset @ way), float(offset @ offset) - reach**2
        if approach >= 0:  # moving away, or not at all
            return None
        if gap2 <= 0:
            return self._touch(start, 0.0, radius)
        discriminant = approach * approach - length2 * gap2
        if discriminant < 0 or (fraction := (-approach - math.sqrt(discriminant)) / length2) > 1:
            return None
        return self._touch(start + fraction * way, fraction, radius)

    def overlap(self, centre: Array, radius: float) -> Touch | None:
        """The contact of a sphere at rest; None if it does not touch."""
        offset = centre - self.centre
        return self._touch(centre, 0.0, radius) if offset @ offset <= (radius + self.radius) ** 2 else None

    def _touch(self, centre: Array, fraction: float, radius: float) -> Touch:
        offset = centre - self.centre
        distance = math.sqrt(float(offset @ offset))
        normal = offset / distance if distance > 1e-9 else np.array([0.0, 0.0, -1.0])
        depth = max(radius + self.radius - distance, 0.0)
        return Touch(fraction, centre, self.centre + normal * self.radius, normal, self.name, depth)


@dataclass(frozen=True, eq=False)
class Touch:
    """A contact with a ``Ball``; see ``Contact``."""

    fraction: float
    position: Array
    point: Array
    normal: Array
    body: str
    penetration: float

    def seen_by(self, position: Array, name: str, now_ns: int) -> CollisionInfo:
        """The same collision as the ball at ``position`` has it, run into by ``name``."""
        return CollisionInfo(True, self.penetration, now_ns, -self.normal, self.point, position, name)


@dataclass(frozen=True, eq=False)
class Motion:
    """Where a sphere came to be on its way, how fast it still goes, and what it first ran into."""

    position: Array
    velocity: Array
    contact: Contact | None = None


def first_contact(
    obstacles: Iterable[Surroundings], start: Array, end: Array, radius: float
) -> Contact | None:
    """The earliest contact of a sphere moved along a segment among several obstacles."""
    found = [contact for obstacle in obstacles if (contact := obstacle.sweep(start, end, radius))]
    return min(found, key=lambda contact: contact.fraction, default=None)


def slide(
    obstacles: Iterable[Surroundings], start: Array, end: Array, velocity: Array, radius: float
) -> Motion:
    """Moves a sphere from ``start`` towards ``end``; where it hits, it loses the motion into the surface.

    What is left of the way and of the velocity goes on along the surface, or along the crease of two.
    """
    obstacles = tuple(obstacles)
    contacts: list[Contact] = []
    while contact := first_contact(obstacles, start, end, radius):
        contacts.append(contact)
        start = contact.position + SKIN_M * contact.normal
        normals = [each.normal for each in contacts]
        velocity = along(velocity, normals)
        if len(contacts) == MOST_CONTACTS:
            end = start
            break
        end = start + along(end - start, normals)
    return Motion(end, velocity, contacts[0] if contacts else None)


def along(vector: Array, normals: list[Array]) -> Array:
    """What is left of a vector that may not point into any of these surfaces; (3,)."""
    into = [normal for normal in normals if vector @ normal < 0]
    if not into:
        return vector
    for normal in reversed(into):
        left = vector - (vector @ normal) * normal
        if all(left @ other >= -1e-12 for other in normals):
            return left
    for index, normal in enumerate(normals):
        for other in normals[:index]:
            crease = np.cross(normal, other)
            left = (vector @ crease) / max(float(crease @ crease), 1e-12) * crease
            if all(left @ each >= -1e-9 for each in normals):
                return left
    return np.zeros(3)
