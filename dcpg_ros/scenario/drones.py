"""``environment: {type: airsim}``: drones that navigate by camera, each in a world of its own.

The task is PEDRA's: 25 actions, a reward that is the depth ahead, and a flight that ends with a crash.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from dcpg_ros.scenario.section import Section, describe
from dcpg_ros.scenario.worlds import WorldSpec, read_world

FOV_DEG = 80.0
FRUSTUM_DEG = math.degrees(
    2 * math.atan(math.tan(math.radians(FOV_DEG / 2)) * 180 / 320)
)  # upright, at 320x180


@dataclass(frozen=True)
class CameraSpec:
    """The picture that the policy sees, and from which depth the reward is made."""

    width: int  # pixels, of what the network gets
    height: int
    fov_deg: float  # horizontal
    fov_vertical_deg: float  # a server that cannot see other than with square pixels needs ``captured``
    captured: tuple[int, int] | None  # (width, height) they are taken in, then made smaller; None: as used


@dataclass(frozen=True)
class NavigationSpec:
    """How a drone moves, what it is rewarded for, and what ends a flight."""

    step_m: float  # r, the way flown with each action
    rows: int  # of the grid of actions: pitch
    columns: int  # yaw
    pitch_span_deg: float  # of all rows together
    yaw_span_deg: float
    noise_bins: float  # what the world adds to an action: uniform within so many bins to either side
    depth_clip: int  # of the DepthVis byte; a byte is 100/255 m
    crash_threshold: float  # of the centre value, below which it counts as a crash; 0: contact alone does
    cap_m: float  # a flight so long is cut off
    start_yaw_spread_deg: float  # uniform to either side of a start's yaw


@dataclass(frozen=True)
class DroneEnvironment:
    """The worlds of all agents, and what they have in common."""

    worlds: tuple[WorldSpec, ...]  # one per agent, in agent order
    camera: CameraSpec
    navigation: NavigationSpec
    discount: float

    @property
    def actions(self) -> int:
        """|A|."""
        return self.navigation.rows * self.navigation.columns

    @classmethod
    def read(cls, section: Section) -> DroneEnvironment:
        """From the scenario file."""
        allowed = "a list of {scene: NAME} or {address: HOST:PORT}, one per agent"
        return cls(
            tuple(read_world(task) for task in section.sections("tasks", allowed)),
            camera=_read_camera(section.section("camera", {})),
            navigation=_read_navigation(section),
            discount=section.number("discount", 0.99, at_least=0, below=1),
        )


def _read_camera(section: Section) -> CameraSpec:
    width = section.integer("width", 103, at_least=16, at_most=512)
    camera = CameraSpec(
        width=width,
        height=section.integer("height", width, at_least=16, at_most=512),
        fov_deg=section.number("fov_deg", FOV_DEG, at_least=10, at_most=150),
        fov_vertical_deg=section.number("fov_vertical_deg", FRUSTUM_DEG, at_least=10, at_most=150),
        captured=_read_captured(section),
    )
    section.finish()
    return camera


def _read_captured(section: Section) -> tuple[int, int] | None:
    allowed = "[width, height] in pixels, each from 16 to 1920"
    if not section.has("captured"):
        return None
    size = section.items("captured", allowed)
    if len(size) != 2 or not all(type(side) is int and 16 <= side <= 1920 for side in size):
        raise section.refuse("captured", describe(size), allowed)
    return size[0], size[1]


def _read_navigation(section: Section) -> NavigationSpec:
    return NavigationSpec(
        step_m=section.number("step_m", 0.4, above=0, at_most=10),
        rows=section.integer("pitch_actions", 5, at_least=1, at_most=25),
        columns=section.integer("yaw_actions", 5, at_least=1, at_most=25),
        pitch_span_deg=section.number("pitch_span_deg", 45 / 1.5, at_least=0, at_most=120),
        yaw_span_deg=section.number("yaw_span_deg", 80 / 1.5, at_least=0, at_most=180),
        noise_bins=section.number("noise_bins", 1 / 6, at_least=0, at_most=0.5),
        depth_clip=section.integer("depth_clip", 50, at_least=1, at_most=255),
        crash_threshold=section.number("crash_threshold", 0.07, at_least=0, below=1),
        cap_m=section.number("cap_m", 200.0, above=0, at_most=100_000),
        start_yaw_spread_deg=section.number("start_yaw_spread_deg", 30.0, at_least=0, at_most=180),
    )
