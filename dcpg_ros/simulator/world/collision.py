"""A sphere among the bodies of a world: where it stops, and what it touches.

A sphere in touch with a body moves away from it and along it freely; only going deeper is refused. The
distance to a convex solid is a convex function of the way, so what does not come nearer at once never does,
and the body can be left out of the rest of that move. A mesh is taken as its triangles, each convex alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dcpg_ros.simulator.geometry import Array
from dcpg_ros.simulator.world.body import Body
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
    gap: float  # from the centre to the surface; negative inside
    point: Array
    normal: Array
    body: int
    triangles: NDArray[np.bool_]  # of the near ones, those that make one convex piece with the touched one


class Obstacles:
    """The bodies of a world, arranged for asking what a sphere meets."""

    def __init__(self, bodies: Sequence[Body], soup: TriangleSoup) -> None:
        self.names = [body.name for body in bodies]
        solid = soup.normals.any(axis=1)  # a triangle without area has an area's neighbours
        corners = soup.vertices[soup.triangles[solid]]
        self.body = soup.body[solid]
        self.triangles = Triangles.of(corners, soup.normals[solid])
        count = np.arange(len(corners))
        convex = np.array([body.convex for body in bodies], dtype=bool)
        self.piece = np.where(convex[self.body], self.body, len(bodies) + count)
        self.first = np.searchsorted(
            self.body, np.arange(len(bodies) + 1)
        )  # where each body's triangles begin
        low, high = corners.min(axis=1), corners.max(axis=1)
        self.bounds = _Bounds.around(low, high, count)
        self.leaves = _Bounds.around(low, high, np.flatnonzero((count - self.first[self.body]) % LEAF == 0))
        filled = np.flatnonzero(np.diff(self.first))
        self.extents = _Bounds.around(low, high, self.first[filled])
        self.filled = filled

    def sweep(self, start: Array, end: Array, radius: float) -> Contact | None:
        """The first touch of a sphere that moves from ``start`` to ``end``; None if it gets there."""
        start = np.asarray(start, dtype=float)
        move = np.asarray(end, dtype=float) - start
        near = self._near(np.minimum(start, start + move), np.maximum(start, start + move), radius)
        clear = np.ones(len(near), dtype=bool)
        worst: tuple[float, _Touch] | None = None
        for touch in self._touches(start, near, radius):
            deeper = -float(touch.normal @ move)
            enters = deeper > ALONG * np.linalg.norm(move) and touch.gap - deeper < radius - TOUCH
            if enters and (worst is None or deeper > worst[0]):
                worst = deeper, touch
            clear &= ~touch.triangles
        if worst is not None:
            return self._contact(start, worst[1], radius)
        near = near[clear]
        if not len(near):
            return None
        entry = self.triangles.some(near).entry(start, move, radius - TOUCH)
        first = int(entry.argmin())
        if entry[first] == np.inf:
            return None
        hit = self.triangles.some(near[first : first + 1])
        fraction = float(min(hit.entry(start, move, radius)[0], entry[first]))
        position = start + fraction * move
        point = hit.nearest(position)[0]
        normal = (position - point) / np.linalg.norm(position - point)
        return Contact(fraction, position, point, normal, self.names[self.body[near[first]]], 0.0)

    def overlap(self, centre: Array, radius: float) -> Contact | None:
        """The deepest touch of a sphere that rests; None if it is free."""
        centre = np.asarray(centre, dtype=float)
        touches = self._touches(centre, self._near(centre, centre, radius), radius)
        deepest = min(touches, key=lambda touch: touch.gap, default=None)
        return None if deepest is None else self._contact(centre, deepest, radius)

    def _contact(self, centre: Array, touch: _Touch, radius: float) -> Contact:
        depth = max(0.0, radius - touch.gap)
        return Contact(0.0, centre.copy(), touch.point, touch.normal, self.names[touch.body], depth)

    def _near(self, low: Array, high: Array, radius: float) -> NDArray[np.intp]:
        """The triangles whose bounding boxes come within the radius of the box from ``low`` to ``high``."""
        low, high = low - radius - TOUCH, high + radius + TOUCH
        leaves = self.leaves.meeting(low, high)
        if not len(leaves):
            return leaves
        found = np.concatenate([np.arange(*self.leaves.triangles[leaf]) for leaf in leaves])
        return found[self.bounds.meeting(low, high, found)]

    def _touches(self, centre: Array, near: NDArray[np.intp], radius: float) -> Iterator[_Touch]:
        """What a sphere touches: the solids around its centre, and each convex piece of a surface near it."""
        left = np.ones(len(near), dtype=bool)
        for body in self.filled[self.extents.meeting(centre, centre)]:
            whole = np.arange(self.first[body], self.first[body + 1])
            if self.triangles.some(whole).enclose(centre):
                mine = self.body[near] == body
                left &= ~mine
                yield self._nearest(centre, whole, mine, inside=True)
        if not len(near):
            return
        away = centre - self.triangles.some(near).nearest(centre)
        gaps = np.sqrt(np.einsum("ij,ij->i", away, away))
        touching = left & (gaps <= radius + TOUCH)
        for piece in np.unique(self.piece[near[touching]]):
            mine = self.piece[near] == piece
            yield self._nearest(centre, near[mine], mine, inside=False)

    def _nearest(
        self, centre: Array, among: NDArray[np.intp], mine: NDArray[np.bool_], inside: bool
    ) -> _Touch:
        points = self.triangles.some(among).nearest(centre)
        gaps = np.linalg.norm(centre - points, axis=1)
        first = int(gaps.argmin())
        gap, point, sign = float(gaps[first]), points[first], -1.0 if inside else 1.0
        normal = sign * (centre - point) / gap if gap > POINT else self.triangles.normals[among[first]].copy()
        return _Touch(sign * gap, point, normal, int(self.body[among[first]]), mine)


@dataclass(frozen=True, eq=False)
class _Bounds:
    """Bounding boxes, each around a run of triangles."""

    limits: Array  # (6, n): the low corners, and the high ones negated
    triangles: NDArray[np.intp]  # (n, 2): the first of each run, and the one after its last

    @classmethod
    def around(cls, low: Array, high: Array, first: NDArray[np.intp]) -> _Bounds:
        """The boxes around the runs that begin at the triangles ``first``."""
        runs = np.stack([first, np.append(first[1:], len(low))], axis=1)
        if not len(first):
            return cls(np.empty((6, 0)), runs)
        limits = np.concatenate([np.minimum.reduceat(low, first), -np.maximum.reduceat(high, first)], axis=1)
        return cls(np.ascontiguousarray(limits.T), runs)

    def meeting(self, low: Array, high: Array, among: NDArray[np.intp] | None = None) -> NDArray[np.intp]:
        """Which of the boxes (or of those ``among`` them) meet the one from ``low`` to ``high``."""
        limits = self.limits if among is None else self.limits[:, among]
        return np.flatnonzero((limits <= np.concatenate([high, -low])[:, None]).all(axis=0))
