"""A sphere among the bodies of a world: where it stops, and what it touches.

A sphere in touch with a body moves away from it and along it freely; only going deeper is refused. The
distance to a convex solid is a convex function of the way, so what does not come nearer at once never does,
and the body can be left out of the rest of that move. A mesh is taken as its triangles, each convex alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dcpg_ros.simulator.geometry import Array
from dcpg_ros.simulator.world.body import Body
from dcpg_ros.simulator.world.bounds import Bounds, Indices, meeting
from dcpg_ros.simulator.world.soup import TriangleSoup
from dcpg_ros.simulator.world.triangles import Triangles

TOUCH = 1e-7  # m; nearer than this is touching, and so far a touch may go deeper without being a new one
ALONG = 1e-9  # the slope up to which a move counts as along a surface
LEAF = 96  # triangles per bounding box: a box or a cylinder has one, a large mesh many
POINT = 1e-9  # m; from nearer than this a direction cannot be told


@dataclass(frozen=True, eq=False)
class Contact:
    """Where a sphere touches a body."""

    fraction: float  # of the move, 0 to 1
    position: Array  # (3,) the sphere's centre then
    point: Array  # (3,) of the body's surface
    normal: Array  # (3,) unit, from the surface to the sphere's free side
    body: str  # its name
    penetration: float  # m, how deep the sphere is in the body; 0 for one that has come from outside


@dataclass(frozen=True, eq=False)
class _Touch:
    gap: float  # m, from the centre to the surface; negative inside
    point: Array
    normal: Array
    triangle: int


class Obstacles:
    """The bodies of a world, arranged for asking what a sphere meets."""

    def __init__(self, bodies: Sequence[Body], soup: TriangleSoup) -> None:
        kept = soup.normals.any(axis=1)  # where a triangle has no area, its neighbours are
        corners = soup.vertices[soup.triangles[kept]]
        each = np.arange(len(corners))
        convex = np.array([body.convex for body in bodies], dtype=bool)
        self.closed = np.array([body.closed for body in bodies], dtype=bool)
        self.names = [body.name for body in bodies]
        self.triangles = Triangles.of(corners, soup.normals[kept])
        self.body = soup.body[kept].astype(np.intp)  # of each triangle
        self.piece = np.where(convex[self.body], self.body, len(bodies) + each)  # the convex piece it is of
        first = np.flatnonzero(np.diff(self.body, prepend=-1))  # of each body that has triangles
        position = each - np.repeat(first, np.diff(first, append=len(each)))
        self.whole = Bounds.around(corners, first)
        self.leaves = Bounds.around(corners, np.flatnonzero(position % LEAF == 0))
        self.single = Bounds.around(corners, each)

    def sweep(self, start: Array, end: Array, radius: float) -> Contact | None:
        """The first touch of a sphere that moves from ``start`` to ``end``; None if it gets there."""
        start, end = np.asarray(start, dtype=float), np.asarray(end, dtype=float)
        move = end - start
        near = self._near(np.minimum(start, end), np.maximum(start, end), radius)
        blocking: tuple[float, _Touch] | None = None
        for touch in self._touches(start, near, radius):
            deeper = float(-touch.normal @ move)
            enters = deeper > ALONG * np.linalg.norm(move) and touch.gap - deeper < radius - TOUCH
            if enters and (blocking is None or deeper > blocking[0]):
                blocking = deeper, touch
            same = self.piece if touch.gap >= 0 else self.body
            near = near[same[near] != same[touch.triangle]]
        if blocking is not None:
            return self._resting(start, blocking[1], radius)
        return self._first_hit(start, move, radius, near) if len(near) else None

    def overlap(self, centre: Array, radius: float) -> Contact | None:
        """The deepest touch of a sphere that rests; None if it is free."""
        centre = np.array(centre, dtype=float)
        touches = self._touches(centre, self._near(centre, centre, radius), radius)
        deepest = min(touches, key=lambda touch: touch.gap, default=None)
        return None if deepest is None else self._resting(centre, deepest, radius)

    def _near(self, low: Array, high: Array, radius: float) -> Indices:
        """The triangles whose boxes a sphere may meet with its centre between ``low`` and ``high``."""
        low, high = low - (radius + TOUCH), high + (radius + TOUCH)
        return self.single.within(self.leaves, low, high)

    def _touches(self, centre: Array, near: Indices, radius: float) -> list[_Touch]:
        """What a sphere touches: bodies that its centre is inside of, and convex pieces near it."""
        touches = []
        for box in self.whole.meeting(centre, centre):
            inside = np.arange(*self.whole.runs[box])
            if self.closed[self.body[inside[0]]] and self.triangles.some(inside).enclose(centre):
                touches.append(self._nearest_of_each(centre, inside, np.inf, self.body, -1.0)[0])
                near = near[self.body[near] != self.body[inside[0]]]
        reach = radius + TOUCH
        if len(near):
            near = near[
                meeting(self.single.limits[:, near], np.concatenate([centre + reach, reach - centre]))
            ]
        return touches + self._nearest_of_each(centre, near, reach, self.piece, 1.0) if len(near) else touches

    def _nearest_of_each(
        self, centre: Array, among: Indices, reach: float, group: Indices, sign: float
    ) -> list[_Touch]:
        """The nearest triangle of each group within reach."""
        points = self.triangles.nearest(centre, among)
        gaps = np.linalg.norm(centre - points, axis=1)
        nearest: dict[int, int] = {}
        for index in np.argsort(gaps)[: np.count_nonzero(gaps <= reach)].tolist():
            nearest.setdefault(int(group[among[index]]), index)
        touches = []
        for index in nearest.values():
            gap, point, triangle = float(gaps[index]), points[index], int(among[index])
            told = gap > POINT
            normal = sign * (centre - point) / gap if told else self.triangles.normals[triangle].copy()
            touches.append(_Touch(sign * gap, point, normal, triangle))
        return touches

    def _resting(self, centre: Array, touch: _Touch, radius: float) -> Contact:
        body = self.names[self.body[touch.triangle]]
        return Contact(0.0, centre, touch.point, touch.normal, body, max(0.0, radius - touch.gap))

    def _first_hit(self, start: Array, move: Array, radius: float, near: Indices) -> Contact | None:
        """The first touch on a way that begins clear of all these triangles."""
        entry = self.triangles.entry(start, move, radius - TOUCH, near)
        if entry.min() == np.inf:
            return None
        first = near[[entry.argmin()]]
        fraction = float(min(self.triangles.entry(start, move, radius, first)[0], entry.min()))
        position = start + fraction * move
        point = self.triangles.nearest(position, first)[0]
        normal = (position - point) / np.linalg.norm(position - point)
        return Contact(fraction, position, point, normal, self.names[self.body[first[0]]], 0.0)
