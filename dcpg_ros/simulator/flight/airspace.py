"""All the drones of a simulation, and what moves them on as simulated time passes."""

from __future__ import annotations

import asyncio
import time

from dcpg_ros.simulator.flight.clock import SECOND_NS, Clock
from dcpg_ros.simulator.flight.collision import Ball, Contact, Surroundings, Touch
from dcpg_ros.simulator.flight.dynamics import STILL, Limits
from dcpg_ros.simulator.flight.vehicle import Vehicle
from dcpg_ros.simulator.geometry import Array, Pose
from dcpg_ros.simulator.scene.scene import DRONE_RADIUS

BURST_S = 0.005  # so long at most the drones keep the event loop from answering calls
SLIP_NS = SECOND_NS // 4  # time that is further behind than this is not made up for


class Airspace:
    """Steps every drone that moves, in a fixed order: the same commands give the same flight to the bit.

    Within a running event loop it steps by itself, as the clock's speed asks, and costs nothing while no
    drone moves; ``step`` does the same by hand. At speed 0 time passes only while a manoeuvre is under way
    (or as far as ``continue_for_time`` lets it), so that a program that awaits each of its manoeuvres always
    finds the drones in the same state.
    """

    def __init__(
        self, surroundings: Surroundings, clock: Clock | None = None, drones_collide: bool = True
    ) -> None:
        self.surroundings = surroundings
        self.clock = clock or Clock()
        self.drones_collide = drones_collide
        self.vehicles: dict[str, Vehicle] = {}
        self.wind: Array = STILL
        self._tick_handle: asyncio.Handle | None = None

    def add(
        self, name: str, start: Pose, radius_m: float = DRONE_RADIUS, limits: Limits | None = None
    ) -> Vehicle:
        """A new drone at rest at its start."""
        self.vehicles[name] = Vehicle(name, start, self, radius_m, limits)
        return self.vehicles[name]

    def obstacles(self, name: str) -> list[Surroundings]:
        """What the drone of this name can run into: the world, and the other drones where they are now.

        Where drones do not collide, as in training flights side by side in one world, it is the world alone.
        """
        if not self.drones_collide:
            return [self.surroundings]
        others = (vehicle for vehicle in self.vehicles.values() if vehicle.name != name)
        return [self.surroundings, *(Ball(v.name, v.kinematics.position, v.radius_m) for v in others)]

    def bump(self, name: str, contact: Contact) -> None:
        """Tells a drone that the one called ``name`` has run into it; other contacts are nobody's concern."""
        if isinstance(contact, Touch) and name != contact.body:
            other = self.vehicles[contact.body]
            other.collision = contact.seen_by(other.kinematics.position, name, self.clock.now_ns)

    def reset(self) -> None:
        """Puts every drone back to its start, as new."""
        for vehicle in self.vehicles.values():
            vehicle.reset()

    def pause(self) -> None:
        """Stops time; manoeuvres wait."""
        self.clock.pause()

    def resume(self) -> None:
        """Lets time run on."""
        self.clock.resume()
        self.wake()

    def continue_for_time(self, seconds: float) -> None:
        """Lets exactly so much simulated time pass, and pauses again."""
        self._continue_for(round(seconds * SECOND_NS))

    def continue_for_frames(self, frames: int) -> None:
        """Lets so many steps of the clock pass, and pauses again."""
        self._continue_for(frames * self.clock.step_ns)

    def _continue_for(self, span_ns: int) -> None:
        if any(vehicle.moving for vehicle in self.vehicles.values()):
            self.clock.begin_steps()  # else the time would have passed at once, for nobody moved
        self.clock.continue_for(span_ns)
        self.wake()

    @property
    def active(self) -> bool:
        """Whether there is a drone that needs to be stepped, and time for it."""
        if self.clock.next_step_ns() == 0:
            return False
        if self.clock.speed > 0 or self.clock.limited:
            return any(vehicle.moving for vehicle in self.vehicles.values())
        return any(vehicle.working for vehicle in self.vehicles.values())

    def step(self) -> bool:
        """Steps all drones that move; False, and no time passes, if there is none or time is paused."""
        if not self.active:
            self.clock.end_steps()
            return False
        self.clock.begin_steps()
        span_ns = self.clock.next_step_ns()
        self.clock.advance(span_ns)
        for vehicle in tuple(self.vehicles.values()):
            if vehicle.moving:
                vehicle.step(span_ns)
        return True

    def wake(self) -> None:
        """Begins to step in the running event loop, if there is one and a drone wants to move."""
        if self._tick_handle is not None or not self.active:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # nobody's loop: they step by hand
            return
        self.clock.begin_steps()
        self._tick_handle = loop.call_soon(self._tick)

    def _tick(self) -> None:
        """Makes the steps that are due, but not for too long at once, and sees when the next is."""
        self._tick_handle = None
        burst_ends = time.perf_counter() + BURST_S
        while self.clock.due and time.perf_counter() < burst_ends:
            if not self.step():
                return
        self.clock.forgive(SLIP_NS)
        if self.active:
            loop = asyncio.get_running_loop()
            self._tick_handle = loop.call_later(self.clock.wait_s, self._tick)
        else:
            self.clock.end_steps()
