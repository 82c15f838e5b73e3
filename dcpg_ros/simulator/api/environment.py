"""Wind, which moves the drones; and weather, daylight and lamps, which are accepted and change nothing."""

from __future__ import annotations

import math
from typing import Annotated, Literal

import msgspec
import numpy as np

from dcpg_ros.simulator.api.frames import vector
from dcpg_ros.simulator.api.group import Group
from dcpg_ros.simulator.api.types import Name, Vector3r
from dcpg_ros.simulator.rpc import RpcError, rpc
from dcpg_ros.simulator.simulation import NOTHING

STRONGEST_M_S = 100.0

WeatherParameter = Literal[0, 1, 2, 3, 4, 5, 6, 7, 8]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Finite = Annotated[float, msgspec.Meta(ge=-1e9, le=1e9)]


class Environment(Group):
    """What surrounds all vehicles alike."""

    @rpc("simSetWind")
    def set_wind(self, wind: Vector3r) -> None:
        """Lets the air move; NED, m/s."""
        values = vector(wind, "wind")
        if math.sqrt(float(np.sum(values * values))) > STRONGEST_M_S:
            raise RpcError(f"wind: found more than {STRONGEST_M_S:g} m/s, allowed: at most that")
        self.simulation.airspace.wind = values

    @rpc("simSetTimeOfDay")
    def set_time_of_day(
        self, is_enabled: bool, start_datetime: Name = "", is_start_datetime_dst: bool = False,
        celestial_clock_speed: Finite = 1.0, update_interval_secs: Finite = 60.0, move_sun: bool = True,
    ) -> None:  # fmt: skip
        """Accepted: the light of a scene is baked."""

    @rpc("simEnableWeather")
    def enable_weather(self, enable: bool) -> None:
        """Accepted: there is no weather."""

    @rpc("simSetWeatherParameter")
    def set_weather_parameter(self, param: WeatherParameter, val: Share) -> None:
        """Accepted: there is no weather."""

    @rpc("simSetLightIntensity")
    def set_light_intensity(self, light_name: Name, intensity: Finite) -> bool:
        """Accepted, for the light of a scene is baked; False if there is no such lamp."""
        body = self.simulation.world.bodies.get(light_name)
        return body is not None and body.shape is NOTHING
