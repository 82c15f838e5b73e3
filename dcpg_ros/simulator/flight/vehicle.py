"""One drone: its state, its manoeuvre, what it has run into, and the way it has flown."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol

import numpy as np

from dcpg_ros.simulator.flight import dynamics
from dcpg_ros.simulator.flight.autopilot import Autopilot
from dcpg_ros.simulator.flight.clock import SECOND_NS, Clock
from dcpg_ros.simulator.flight.collision import (
    SKIN_M,
    CollisionInfo,
    Contact,
    Motion,
    Surroundings,
    first_contact,
    slide,
)
from dcpg_ros.simulator.flight.dynamics import STILL, Kinematics, Limits, Steer
from dcpg_ros.simulator.flight.manoeuvres import Manoeuvre, check_finite
from dcpg_ros.simulator.flight.trail import Trail
from dcpg_ros.simulator.geometry import Array, Pose, normalised
from dcpg_ros.simulator.scene.scene import DRONE_RADIUS

BORNE_M = 0.01  # a surface so close below bears the drone
STEEPEST = 0.7  # cosine of the steepest slope that bears it
MOVING_M_S = 0.08  # a slower drone on the ground has landed, as in AirSim
AT_REST = 1e-9  # m/s and rad/s


class Airspace(Protocol):
    """What a drone needs to know of the world it flies in."""

    clock: Clock
    wind: Array

    def obstacles(self, name: str) -> Iterable[Surroundings]:
        """What the drone of this name can run into."""

    def bump(self, name: str, contact: Contact) -> None:
        """A drone has run into something; if that is another drone, it has been run into."""

    def wake(self) -> None:
        """A drone wants to move."""


class Vehicle:
    """A drone that flies one manoeuvre at a time and hangs still without one.

    As in AirSim a manoeuvre without API control, or of a disarmed drone, passes its time without effect.
    A disarmed drone falls. A drone is armed when it is new or reset, but not under API control.
    """

    kinematics: Kinematics  # NED world frame
    collision: CollisionInfo
    api_control: bool
    armed: bool

    def __init__(
        self,
        name: str,
        start: Pose,
        airspace: Airspace,
        radius_m: float = DRONE_RADIUS,
        limits: Limits | None = None,
    ) -> None:
        self.name, self.start_pose, self.radius_m = name, start, radius_m
        self.limits = limits or Limits()
        self.trail = Trail()
        self._airspace = airspace
        self._autopilot = Autopilot()
        self._forget()

    @property
    def pose(self) -> Pose:
        """Position and attitude, NED world frame."""
        return self.kinematics.pose

    @property
    def landed(self) -> bool:
        """Whether it rests on something."""
        speed = float(np.linalg.norm(self.kinematics.linear_velocity))
        return speed < MOVING_M_S and self._borne()

    @property
    def working(self) -> bool:
        """Whether it has something to do: a manoeuvre, or to fall."""
        return self._autopilot.busy or self._falling

    @property
    def moving(self) -> bool:
        """Whether the next step would change it."""
        return self.working or not self._at_rest

    def start(self, manoeuvre: Manoeuvre) -> asyncio.Future[bool]:
        """Begins a manoeuvre; the one under way ends with False. The future tells how this one ends."""
        ended = self._autopilot.begin(manoeuvre)
        self._decide()
        self._airspace.wake()
        return ended

    def cancel(self) -> None:
        """Ends the manoeuvre under way, if any, with False; the drone brakes."""
        self._autopilot.end(False)

    def reset(self) -> None:
        """Puts it back to its start, as new; its flown way stays."""
        self.cancel()
        self._forget()

    def enable_api_control(self, enabled: bool) -> None:
        """Lets manoeuvres have an effect, or not."""
        self.api_control = enabled
        self._airspace.wake()

    def arm(self, armed: bool) -> bool:
        """Arms or disarms; False, as in AirSim, without API control, or if it is disarmed already."""
        if not self.api_control or not (armed or self.armed):
            return False
        self.armed, self._falling = armed, not armed
        self._airspace.wake()
        return True

    def set_pose(self, pose: Pose, ignore_collision: bool = True) -> None:
        """Puts it at a pose, at rest; see ``set_kinematics``."""
        self.set_kinematics(Kinematics(pose.position, pose.orientation), ignore_collision)

    def set_kinematics(self, kinematics: Kinematics, ignore_collision: bool = True) -> None:
        """Gives it another state at once.

        Unless collisions are ignored it is moved there on a straight line and stops at the first thing in
        the way, which counts as a collision; it takes the new attitude and velocities in any case.

        Raises:
            ValueError: for a position or velocity that is not finite, or an attitude that is none.
        """
        check_finite("position", kinematics.position)
        check_finite("velocity", kinematics.linear_velocity, kinematics.angular_velocity)
        orientation = normalised(kinematics.orientation)
        here, position = self.kinematics.position, kinematics.position
        contact = None
        if not ignore_collision:
            contact = first_contact(self._airspace.obstacles(self.name), here, position, self.radius_m)
        if contact is not None:
            position = contact.position + SKIN_M * contact.normal
        self.kinematics = replace(kinematics, position=position, orientation=orientation)
        self._falling = not self.armed
        if contact is not None:
            self.collide(contact)
        if ignore_collision:
            self.trail.lift(position)
        else:
            self.trail.add(position)
        self._decide()
        self._airspace.wake()

    def room_above(self, most_m: float = 3.0) -> float:
        """How far it could rise before it hits something; at most ``most_m``."""
        position = self.kinematics.position
        above = position - np.array([0.0, 0.0, most_m])
        contact = first_contact(self._airspace.obstacles(self.name), position, above, self.radius_m)
        return most_m if contact is None else contact.fraction * most_m

    def read_collision(self) -> CollisionInfo:
        """The last collision; reading it clears ``has_collided``."""
        found = self.collision
        if found.has_collided:
            self.collision = replace(found, has_collided=False)
        return found

    def collide(self, contact: Contact) -> None:
        """Notes that it touches something."""
        self.collision = CollisionInfo(
            has_collided=True,
            penetration_depth=contact.penetration,
            time_stamp=self._airspace.clock.now_ns,
            normal=contact.normal,
            impact_point=contact.point,
            position=self.kinematics.position,
            object_name=contact.body,
        )
        self._airspace.bump(self.name, contact)

    def step(self, span_ns: int) -> None:
        """Moves on by so much simulated time."""
        state, dt = self.kinematics, span_ns / SECOND_NS
        if self.armed:
            command = self._autopilot.command if self.api_control else None
            ahead = dynamics.step(state, command or Steer(STILL), dt, self.limits, self._airspace.wind)
        else:
            ahead = dynamics.fall(state, dt, self.limits, self._airspace.wind)
        motion = slide(
            self._airspace.obstacles(self.name),
            state.position,
            ahead.position,
            ahead.linear_velocity,
            self.radius_m,
        )
        self.kinematics = _stopped(ahead, motion, state, dt) if motion.contact else ahead
        if motion.contact:
            self.collide(motion.contact)
        if self._at_rest:
            self.kinematics = Kinematics(self.kinematics.position, self.kinematics.orientation)
            self._falling = not self.armed and not self._borne()
        self.trail.add(self.kinematics.position)
        self._autopilot.pass_time(span_ns)
        self._decide()

    @property
    def _at_rest(self) -> bool:
        state = self.kinematics
        rates = (*state.linear_velocity.tolist(), *state.angular_velocity.tolist())
        return max(map(abs, rates)) < AT_REST

    def _borne(self) -> bool:
        """Whether something level enough is right below."""
        position = self.kinematics.position
        below = position + np.array([0.0, 0.0, BORNE_M])
        contact = first_contact(self._airspace.obstacles(self.name), position, below, self.radius_m)
        return contact is not None and float(contact.normal[2]) < -STEEPEST

    def _decide(self) -> None:
        self._autopilot.decide(self.kinematics, self._airspace.clock.step_s, self.limits)

    def _forget(self) -> None:
        self.kinematics = Kinematics(self.start_pose.position, self.start_pose.orientation)
        self.collision = CollisionInfo()
        self.api_control, self.armed, self._falling = False, True, False
        self.trail.lift(self.kinematics.position)


def _stopped(ahead: Kinematics, motion: Motion, state: Kinematics, dt: float) -> Kinematics:
    """The state after a collision: where it came to be, without what it lost of its velocity."""
    return replace(
        ahead,
        position=motion.position,
        linear_velocity=motion.velocity,
        linear_acceleration=dynamics.shortened(
            (motion.velocity - state.linear_velocity) / dt,
            float(np.linalg.norm(ahead.linear_acceleration)),
        ),
    )
