"""Flying along a path: takeoff, the way home, and the moves to a position and along points."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from dcpg_ros.simulator.flight.dynamics import Command, Kinematics, Limits, Steer, braking_speed
from dcpg_ros.simulator.flight.heading import Heading
from dcpg_ros.simulator.flight.manoeuvres import INSTANT_S, check_finite
from dcpg_ros.simulator.geometry import Array

TAKEOFF_Z_M = -2.0
HEADROOM_M = 0.1  # kept below a ceiling
SLOW_M_S = 0.5  # of takeoff and of the way home
ARRIVED_M = 0.01
ARRIVED_M_S = 0.01
LOOKAHEAD_S = 0.6  # where none is given: so long a way at the speed of the flight
LEAST_LOOKAHEAD_M = 0.75


class FollowPath:
    """Fly along straight lines from point to point, round the corners, and stop at the last point.

    The drone steers for the point of the path that is ``lookahead`` metres ahead of it, slows down before
    each corner to what its acceleration can turn there, and ends True at rest at the end; False if that
    did not happen in time.
    """

    def __init__(
        self,
        start: Array,
        points: Sequence[Array],
        speed_m_s: float,
        timeout_s: float = math.inf,
        heading: Heading | None = None,
        lookahead_m: float = -1.0,
    ) -> None:
        """Lays out the path from ``start`` through ``points``.

        Args:
            start: (3,) where the drone is.
            points: (3,) each.
            speed_m_s: At most so fast.
            timeout_s: The path is given up after so long.
            heading: Where to look; keeps its yaw by default.
            lookahead_m: Negative: chosen by the speed.

        Raises:
            ValueError: for a speed not above 0, a lookahead of 0, a point that is not finite, or a yaw rate
                together with looking forward.
        """
        self.heading = heading or Heading()
        if not speed_m_s > 0:
            raise ValueError(f"velocity: found {speed_m_s:g}, allowed: a number > 0")
        if lookahead_m == 0:
            raise ValueError(
                "lookahead: found 0, allowed: a distance > 0, or a negative one for an automatic"
            )
        if self.heading.forward and self.heading.is_rate:
            raise ValueError("yaw_mode: found a rate, allowed with the drivetrain ForwardOnly: an angle")
        check_finite("path", speed_m_s, self.heading.value, *points)
        corners = [np.asarray(start, dtype=np.float64)]
        corners += [np.asarray(point, dtype=np.float64) for point in points]
        kept = [0] + [i for i in range(1, len(corners)) if np.linalg.norm(corners[i] - corners[i - 1]) > 1e-6]
        self.corners = np.array([corners[i] for i in kept])
        self.end: Array = corners[-1]
        ways = np.diff(self.corners, axis=0)
        self.lengths: Array = np.linalg.norm(ways, axis=1)
        self.directions: Array = ways / self.lengths[:, None]
        self.speed_m_s, self.timeout_s = speed_m_s, timeout_s
        self.lookahead_m = lookahead_m if lookahead_m > 0 else max(LOOKAHEAD_S * speed_m_s, LEAST_LOOKAHEAD_M)
        self.segment = 0
        self._corner_speeds: Array | None = None

    def command(self, state: Kinematics, elapsed_s: float, dt: float, limits: Limits) -> Command | bool:
        """See ``Manoeuvre``."""
        to_end = float(np.linalg.norm(self.end - state.position))
        last = self.segment >= len(self.lengths) - 1
        if last and to_end < ARRIVED_M and np.linalg.norm(state.linear_velocity) < ARRIVED_M_S:
            return True
        if elapsed_s > self.timeout_s - INSTANT_S:
            return False
        if not len(self.lengths):
            return self._towards(self.end, to_end, 0.0, state, dt, limits)
        done = self._progress(state.position)
        if self._corner_speeds is None:
            self._corner_speeds = self._speeds(limits.acceleration_m_s2)
        left = float(self.lengths[self.segment]) - done
        if self.segment == len(self.lengths) - 1 and left < self.lookahead_m:
            return self._towards(self.end, to_end, 0.0, state, dt, limits)
        corner_speed = float(self._corner_speeds[self.segment])
        return self._towards(self._ahead(done), left, corner_speed, state, dt, limits)

    def _progress(self, position: Array) -> float:
        """Moves on to the segment the drone is on; how far along it the drone is, m."""
        while True:
            done = float((position - self.corners[self.segment]) @ self.directions[self.segment])
            if self.segment == len(self.lengths) - 1 or done < self.lengths[self.segment] - self._cut(
                self.segment
            ):
                return max(done, 0.0)
            self.segment += 1

    def _cut(self, corner: int) -> float:
        """How far from the end of a segment the drone may turn to the next, m."""
        return min(self.lookahead_m, float(self.lengths[corner]) / 2, float(self.lengths[corner + 1]) / 2)

    def _speeds(self, acceleration: float) -> Array:
        """The speed allowed at the end of each segment; 0 at the end of the last.

        A circle that leaves one line and meets the next at the distance ``cut`` from a corner of angle phi
        has the radius cut / tan(phi / 2), and v^2 / radius is the acceleration it takes.
        """
        speeds = np.zeros(len(self.lengths))
        for corner in range(len(self.lengths) - 2, -1, -1):
            cos = float(np.clip(self.directions[corner] @ self.directions[corner + 1], -1, 1))
            half = math.sqrt((1 - cos) / max(1 + cos, 1e-12))  # tan(phi / 2)
            turning = math.sqrt(acceleration * self._cut(corner) / max(half, 1e-12))
            braking = math.sqrt(speeds[corner + 1] ** 2 + 2 * acceleration * float(self.lengths[corner + 1]))
            speeds[corner] = min(self.speed_m_s, turning, braking)
        return speeds

    def _ahead(self, done: float) -> Array:
        """The point ``lookahead`` further along the path, but not round a corner of more than 90 degrees."""
        segment, along = self.segment, done + self.lookahead_m
        while along > self.lengths[segment]:
            if (
                segment == len(self.lengths) - 1
                or self.directions[segment] @ self.directions[segment + 1] < 0
            ):
                return np.asarray(self.corners[segment + 1])
            along -= float(self.lengths[segment])
            segment += 1
        return np.asarray(self.corners[segment] + along * self.directions[segment])

    def _towards(
        self, target: Array, left: float, then_m_s: float, state: Kinematics, dt: float, limits: Limits
    ) -> Steer:
        """Steers for ``target`` at a speed that can be ``then_m_s`` in ``left`` metres."""
        way = target - state.position
        distance = max(float(np.linalg.norm(way)), 1e-12)
        acceleration = limits.acceleration_m_s2
        braking = left + then_m_s * then_m_s / (2 * acceleration) + then_m_s * dt / 2
        speed = min(self.speed_m_s, braking_speed(max(braking, 0.0), acceleration, dt))
        rate = self.heading.rate(state, float(way[0]), float(way[1]), dt, limits)
        return Steer(way * (speed / distance), rate)


def takeoff(state: Kinematics, timeout_s: float, room_m: float = math.inf) -> FollowPath:
    """Rise by 2 m at 0.5 m/s, or to just below what is ``room_m`` above.

    Raises:
        ValueError: if the drone is moving already.
    """
    speed = float(np.linalg.norm(state.linear_velocity))
    if speed > 0.05:
        raise ValueError(f"takeoff: the vehicle moves already, at {speed:.2f} m/s")
    rise = max(0.0, min(-TAKEOFF_Z_M, room_m - HEADROOM_M))
    above = state.position - np.array([0.0, 0.0, rise])
    return FollowPath(state.position, [above], SLOW_M_S, timeout_s)


def go_home(state: Kinematics, home: Array, timeout_s: float) -> FollowPath:
    """Fly straight back to where the drone started, at 0.5 m/s."""
    return FollowPath(state.position, [home], SLOW_M_S, timeout_s)
