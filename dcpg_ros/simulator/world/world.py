"""The world that vehicles fly in and cameras see: a scene's bodies, which may change as time goes by."""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dcpg_ros.simulator.geometry import Array, Pose
from dcpg_ros.simulator.scene.scene import BodySpec, Scene
from dcpg_ros.simulator.world.body import Body
from dcpg_ros.simulator.world.casting import cast
from dcpg_ros.simulator.world.collision import Contact, Obstacles
from dcpg_ros.simulator.world.soup import TriangleSoup

SEGMENTATION_IDS = 256  # 0 is what nothing has: the sky


class Tracer(Protocol):
    """Whatever casts rays faster than numpy does."""

    def cast(self, origins: Array, directions: Array) -> tuple[Array, NDArray[np.int32]]:
        """As ``World.cast``."""


class World:
    """A scene come alive.

    Attributes:
        scene: what it was made from.
        bodies: by name, in the order that the indices of ``soup`` and ``cast`` count.
        revision: grows with each change of a body's place or shape, so that whoever keeps a copy knows.
        tracer: does the work of ``cast`` once there is one.
    """

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.bodies: dict[str, Body] = {}
        self.revision = 0
        self.tracer: Tracer | None = None
        self._added = 0
        self._namesakes: Counter[str] = Counter()
        self._soup: TriangleSoup | None = None
        self._obstacles: Obstacles | None = None
        for spec in scene.bodies:
            self.add(spec)

    def add(self, spec: BodySpec) -> str:
        """Puts a body in; returns its name, numbered if another has that already."""
        name = spec.name
        while name in self.bodies:
            name = f"{spec.name}_{self._namesakes[spec.name]}"
            self._namesakes[spec.name] += 1
        segmentation_id = 1 + self._added % (SEGMENTATION_IDS - 1)
        self._added += 1
        self._put(Body.of(dataclasses.replace(spec, name=name), segmentation_id))
        return name

    def move(self, name: str, pose: Pose) -> None:
        """Puts a body elsewhere; raises KeyError for a name that no body has."""
        self._put(dataclasses.replace(self.bodies[name], pose=pose))

    def rescale(self, name: str, scale: ArrayLike) -> None:
        """Scales a body's own shape by (3,) factors > 0; raises KeyError for a name that no body has."""
        self._put(dataclasses.replace(self.bodies[name], scale=np.array(scale, dtype=float)))

    def remove(self, name: str) -> None:
        """Takes a body out; raises KeyError for a name that no body has."""
        del self.bodies[name]
        self._changed()

    def segment(self, name: str, segmentation_id: int) -> None:
        """Gives a body another segmentation id, 0 to 255. This is no change of geometry: same revision."""
        self.bodies[name] = dataclasses.replace(self.bodies[name], segmentation_id=segmentation_id)

    def soup(self) -> TriangleSoup:
        """All triangles, made once per revision."""
        if self._soup is None:
            self._soup = TriangleSoup.of(tuple(self.bodies.values()))
        return self._soup

    def sweep(self, start: Array, end: Array, radius: float) -> Contact | None:
        """The first touch of a sphere that moves from ``start`` to ``end``; None if it gets there."""
        return self._collisions().sweep(start, end, radius)

    def overlap(self, centre: Array, radius: float) -> Contact | None:
        """The deepest touch of a sphere that rests; None if it is free."""
        return self._collisions().overlap(centre, radius)

    def cast(self, origins: Array, directions: Array) -> tuple[Array, NDArray[np.int32]]:
        """What rays (n, 3), (n, 3) unit hit: distances (n,), inf for nothing; body indices (n,), then -1."""
        if self.tracer is not None:
            return self.tracer.cast(origins, directions)
        return cast(self.soup(), origins, directions)

    def _collisions(self) -> Obstacles:
        if self._obstacles is None:
            self._obstacles = Obstacles(tuple(self.bodies.values()), self.soup())
        return self._obstacles

    def _put(self, body: Body) -> None:
        self.bodies[body.name] = body
        self._changed()

    def _changed(self) -> None:
        self.revision += 1
        self._soup = self._obstacles = None
