"""One drone in flight: an episode over a link.

A step is made in two halves, so that many flights can share a link without waiting for each other: all send
their move and wait for it, then all send their questions and read the answers. A real AirSim serves the calls
of one connection side by side, so nothing may be asked before the move is answered.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from dcpg_ros.core.errors import DcpgError, InputError
from dcpg_ros.envs.actions import moved, rounded, turn_of
from dcpg_ros.envs.answers import collided_of, position_of
from dcpg_ros.envs.frames import Vector, orientation_of_yaw
from dcpg_ros.envs.link import Link, Reply
from dcpg_ros.envs.pictures import REQUESTS, Picture, developed
from dcpg_ros.envs.reward import CRASH, centre_value
from dcpg_ros.envs.starts import Beginning
from dcpg_ros.scenario.drones import CameraSpec, NavigationSpec

STUCK = 0.05  # of a step: a drone that came no farther did not move
ASTRAY = 0.5  # of a step: a drone so far from where it was put is not there yet
LOOKS = 3  # a real AirSim moves with its next frame, so that a first look may come too early


class Outcome(NamedTuple):
    """What a step led to."""

    picture: Picture
    reward: float
    terminated: bool  # crashed
    truncated: bool  # as far as a flight may go
    collided: bool

    @property
    def ended(self) -> bool:
        """Whether the episode ends here."""
        return self.terminated or self.truncated


class Flight:
    """The episode that one vehicle is in.

    Attributes:
        position_ned: metres from where the vehicle started.
        yaw_ned: as commanded; pitch and roll are zero.
        picture: what the policy sees now.
        distance_m: flown in this episode, over the floor.
        total: the undiscounted return of this episode so far.
    """

    picture: Picture

    def __init__(self, link: Link, vehicle: str, camera: CameraSpec, navigation: NavigationSpec) -> None:
        self.link, self.vehicle, self.camera, self.navigation = link, vehicle, camera, navigation
        self.position_ned: Vector = (0.0, 0.0, 0.0)
        self.yaw_ned = 0.0
        self.distance_m = self.total = 0.0
        self.images: tuple[Any, ...] = (REQUESTS, vehicle, False)  # the arguments of simGetImages
        self._sent_ned: Vector = (0.0, 0.0, 0.0)  # where it was put last, or sent
        self._move: Reply | None = None
        self._answers: tuple[Reply, Reply, Reply] | None = None

    def prepare(self) -> None:
        """Takes the vehicle over, and finds out how this server wants to be asked for pictures."""
        self.link.call("enableApiControl", True, self.vehicle)
        self.link.call("armDisarm", True, self.vehicle)
        try:
            self.link.call("simGetImages", [], self.vehicle, False)
        except DcpgError as error:
            if "number of arguments" not in str(error):
                raise
            self.images = (REQUESTS, self.vehicle)  # before AirSim 1.6

    def send_beginning(self, begin: Beginning) -> None:
        """First half of an episode's start: puts the drone there."""
        self.distance_m = self.total = 0.0
        self.send_pose(*begin)

    def send_pose(self, position_ned: Vector, yaw_ned: float, *, through_walls: bool = True) -> None:
        """Puts the drone there, wherever it was, or moves it as far as the way is free."""
        self.yaw_ned = yaw_ned
        x, y, z = self._sent_ned = rounded(position_ned)
        w, _, _, turn = orientation_of_yaw(yaw_ned)
        pose = {
            "position": {"x_val": x, "y_val": y, "z_val": z},
            "orientation": {"w_val": w, "x_val": 0.0, "y_val": 0.0, "z_val": turn},
        }
        self._move = self.link.send("simSetVehiclePose", pose, through_walls, self.vehicle)

    def send_move(self, action: int, noise_bins: Sequence[float]) -> None:
        """First half of a step: turns the drone and moves it as far as the way is free."""
        navigation = self.navigation
        theta, psi = turn_of(action, noise_bins, navigation)
        ahead, yaw_ned = moved(self.position_ned, self.yaw_ned, theta, psi, navigation.step_m)
        self.send_pose(ahead, yaw_ned, through_walls=False)

    def wait(self) -> None:
        """Until the first half is done."""
        move, self._move = self._move, None
        assert move is not None, "nothing was sent"
        move.get()

    def send_look(self) -> None:
        """Second half: asks what it has run into, where it is, and what it sees."""
        send, vehicle = self.link.send, self.vehicle
        self._answers = (
            send("simGetCollisionInfo", vehicle),
            send("simGetVehiclePose", vehicle),
            send("simGetImages", *self.images),
        )

    def begin(self) -> Picture:
        """The end of an episode's start: the first picture. That it has collided before is forgotten.

        Raises:
            InputError: if the server put the drone elsewhere.
        """
        most_m = ASTRAY * self.navigation.step_m
        _, self.position_ned, responses = self._read(
            lambda _, position_ned: math.dist(position_ned, self._sent_ned) <= most_m
        )
        off_m = math.dist(self.position_ned, self._sent_ned)
        if off_m > most_m:
            found = f"{off_m:.2f} m from where it was put"
            raise InputError(str(self.link), f"vehicle {self.vehicle}", found, f"at most {most_m:g} m")
        self.picture, _ = developed(responses, self.camera, self.vehicle)
        return self.picture

    def land(self) -> Outcome:
        """The end of a step: what it led to.

        A crash is a collision, a drone that did not move, or a way ahead that is not free enough.
        """
        navigation, before = self.navigation, self.position_ned
        little = STUCK * navigation.step_m
        collided, position_ned, responses = self._read(
            lambda collided, position_ned: collided or math.dist(before, position_ned) >= little
        )
        stuck = math.dist(before, position_ned) < little
        self.picture, depth = developed(responses, self.camera, self.vehicle)
        value = centre_value(depth, navigation.depth_clip)
        crashed = collided or stuck or value < navigation.crash_threshold
        self.position_ned = position_ned
        self.distance_m += math.dist(before[:2], position_ned[:2])
        reward = CRASH if crashed else value
        self.total += reward
        capped = self.distance_m >= navigation.cap_m
        return Outcome(self.picture, reward, crashed, capped and not crashed, collided)

    def _read(self, done: Callable[[bool, Vector], bool]) -> tuple[bool, Vector, Any]:
        """The answers; if the drone is not done moving, those to another look or two."""
        for look in range(LOOKS):
            if look:
                self.send_look()
            answers, self._answers = self._answers, None
            assert answers is not None, "nothing was asked"
            collision, pose, images = (answer.get() for answer in answers)
            collided, position_ned = collided_of(collision, self.link), position_of(pose, self.link)
            if done(collided, position_ned):
                break
        return collided, position_ned, images
