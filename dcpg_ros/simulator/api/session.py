"""Connecting, control, time, and which vehicles there are."""

from __future__ import annotations

import dataclasses
import logging
from typing import Annotated

import msgspec

from dcpg_ros.simulator.api.group import Group, refusing
from dcpg_ros.simulator.api.types import Name, Pose, Text
from dcpg_ros.simulator.rpc import rpc

log = logging.getLogger(__name__)

VERSION = 1  # of the API, as server and as client
Seconds = Annotated[float, msgspec.Meta(ge=0, le=1e9)]
Frames = Annotated[int, msgspec.Meta(ge=0, lt=2**32)]


class Session(Group):
    """What a program calls first."""

    _recording = False

    @rpc("ping")
    def ping(self) -> bool:
        """Whether somebody is there."""
        return True

    @rpc("getServerVersion")
    def get_server_version(self) -> int:
        """The version of the API that is spoken here."""
        return VERSION

    @rpc("getMinRequiredClientVersion")
    def get_min_required_client_version(self) -> int:
        """The version of the API that the client must speak."""
        return VERSION

    @rpc("reset")
    def reset(self) -> None:
        """Puts every vehicle back to its start; API control is dropped, moves under way end False."""
        self.simulation.reset()

    @rpc("enableApiControl")
    def enable_api_control(self, is_enabled: bool, vehicle_name: Name = "") -> None:
        """Lets moves have an effect, or not."""
        self.drone(vehicle_name).vehicle.enable_api_control(is_enabled)

    @rpc("isApiControlEnabled")
    def is_api_control_enabled(self, vehicle_name: Name = "") -> bool:
        """Whether moves have an effect."""
        return self.drone(vehicle_name).vehicle.api_control

    @rpc("armDisarm")
    def arm_disarm(self, arm: bool, vehicle_name: Name = "") -> bool:
        """Starts or stops the motors; without them the vehicle falls."""
        return self.drone(vehicle_name).vehicle.arm(arm)

    @rpc("simPause")
    def pause(self, is_paused: bool) -> None:
        """Stops time, or lets it go on."""
        airspace = self.simulation.airspace
        if is_paused:
            airspace.pause()
        else:
            airspace.resume()

    @rpc("simIsPaused")
    def is_paused(self) -> bool:
        """Whether time stands still."""
        return self.simulation.airspace.clock.paused

    @rpc("simContinueForTime")
    def continue_for_time(self, seconds: Seconds) -> None:
        """Lets exactly so much time pass, and pauses; answers at once."""
        with refusing():
            self.simulation.airspace.continue_for_time(seconds)

    @rpc("simContinueForFrames")
    def continue_for_frames(self, frames: Frames) -> None:
        """Lets so many steps of the clock pass, and pauses; answers at once."""
        with refusing():
            self.simulation.airspace.continue_for_frames(frames)

    @rpc("listVehicles")
    def list_vehicles(self) -> list[str]:
        """The names, the default vehicle's first."""
        return list(self.simulation.drones)

    @rpc("simAddVehicle")
    def add_vehicle(self, name: Name, vehicle_type: Name, pose: Pose, pawn_path: Text = "") -> bool:
        """Puts another drone at a pose from the player start; False if it is none, or the name is taken."""
        if vehicle_type.lower() != "simpleflight" or not name or name in self.simulation.drones:
            return False
        frame = self.frame
        place = frame.pose(pose)
        settings = dataclasses.replace(
            self.simulation.settings.added,
            name=name,
            position=place.position - frame.origin,
            orientation=place.orientation,
        )
        with refusing():
            self.simulation.add_drone(settings)
        return True

    @rpc("getSettingsString")
    def get_settings_string(self) -> str:
        """The settings as JSON, naming all vehicles and cameras."""
        return self.simulation.settings.text(tuple(self.simulation.drones))

    @rpc("simPrintLogMessage")
    def print_log_message(self, message: Text, message_param: Text = "", severity: int = 0) -> None:
        """Writes to the server's log."""
        log.info("%s%s", message, message_param)

    @rpc("simRunConsoleCommand")
    def run_console_command(self, command: Text) -> bool:
        """There is no console to run it."""
        return False

    @rpc("startRecording")
    def start_recording(self) -> None:
        """Only remembered: nothing is written."""
        self._recording = True

    @rpc("stopRecording")
    def stop_recording(self) -> None:
        """Only remembered."""
        self._recording = False

    @rpc("isRecording")
    def is_recording(self) -> bool:
        """What was asked for last."""
        return self._recording
