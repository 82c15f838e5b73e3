"""Where an episode begins: the starts in turn, with a seeded yaw."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from dcpg_ros.core.seeding import Purpose, generator
from dcpg_ros.envs.actions import rounded
from dcpg_ros.envs.frames import Vector, wrapped
from dcpg_ros.scenario.worlds import Start

HERE = (Start(),)  # where the vehicle itself started, looking north


class Beginning(NamedTuple):
    """The pose an episode begins with."""

    position_ned: Vector
    yaw_ned: float


def beginning(start: Start, turn: float, spread_deg: float) -> Beginning:
    """The start, turned by ``turn`` (-1 to 1) times the spread."""
    yaw_deg = start.yaw_deg + turn * spread_deg
    return Beginning(rounded((start.x_m, start.y_m, start.z_m)), wrapped(math.radians(yaw_deg)))


def seeded_beginning(
    starts: Sequence[Start], spread_deg: float, seed: int, agent: int, episode: int
) -> Beginning:
    """The pose that episode e begins with: start e mod n, its yaw a function of (seed, agent, e)."""
    turn = generator(seed, Purpose.STARTS, agent, episode).uniform(-1, 1)
    return beginning(starts[episode % len(starts)], turn, spread_deg)
