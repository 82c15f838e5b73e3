"""Where drones fly: a scene of ours or the address of a server, and the places that flights begin at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from dcpg_ros.scenario.section import Section, describe

PORT = 41451  # AirSim's
MOST_STARTS = 1000
FARTHEST = 100_000.0  # m, of a start
ADDRESS = re.compile(r"(?P<host>[A-Za-z0-9_.-]+|\[[0-9a-fA-F:.]+\])(:(?P<port>[0-9]{1,5}))?")


class Start(NamedTuple):
    """Where a flight begins: metres NED from where the vehicle started, and the yaw from north, clockwise."""

    x_m: float = 0.0
    y_m: float = 0.0
    z_m: float = 0.0
    yaw_deg: float = 0.0


@dataclass(frozen=True)
class WorldSpec:
    """Where one agent flies: a scene of ours, or a server that runs already."""

    scene: str | None  # the name of one that is shipped, or a path
    address: tuple[str, int] | None
    starts: tuple[Start, ...] = ()  # flown from in turn; none: those of the scene, or where the vehicle is

    def __str__(self) -> str:
        if self.address is None:
            return Path(str(self.scene)).stem
        return f"{self.address[0]}:{self.address[1]}"


def parse_address(text: str) -> tuple[str, int] | None:
    """Host and port of ``HOST`` or ``HOST:PORT``; None if it is neither."""
    match = ADDRESS.fullmatch(text)
    port = int(match["port"] or PORT) if match else 0
    return (match["host"].strip("[]"), port) if match and 0 < port < 65536 else None


def read_world(task: Section) -> WorldSpec:
    """From one of the ``tasks`` of the scenario file."""
    allowed = "either a scene or an address"
    scene = _read_scene(task) if task.has("scene") else None
    address = _read_address(task) if task.has("address") else None
    starts = _read_starts(task) if task.has("starts") else ()
    task.finish()
    if (scene is None) == (address is None):
        raise task.refuse("scene", "both or none of the two", allowed)
    return WorldSpec(scene, address, starts)


def _read_scene(task: Section) -> str:
    """A name as it is; a file by its full path, also in the copy of the scenario that a run keeps."""
    path = Path(task.text("scene"))
    if path.suffix or len(path.parts) > 1:
        task.data["scene"] = str(task.folder.resolve() / path)
    return str(task.data["scene"])


def _read_starts(task: Section) -> tuple[Start, ...]:
    starts = task.items("starts", "a list of [x, y, z, yaw_deg]")
    if not 0 < len(starts) <= MOST_STARTS:
        raise task.refuse("starts", describe(starts), f"1 to {MOST_STARTS} of [x, y, z, yaw_deg]")
    return tuple(_read_start(task, number, start) for number, start in enumerate(starts))


def _read_start(task: Section, number: int, start: object) -> Start:
    allowed = f"[x, y, z, yaw_deg], numbers within +-{FARTHEST:g} m and +-360 degrees"
    limits = (FARTHEST, FARTHEST, FARTHEST, 360.0)
    if not isinstance(start, list) or len(start) != len(limits):
        raise task.refuse(f"starts[{number}]", describe(start), allowed)
    for value, limit in zip(start, limits, strict=True):
        if type(value) not in (int, float) or not -limit <= value <= limit:
            raise task.refuse(f"starts[{number}]", describe(value), allowed)
    return Start(*map(float, start))


def _read_address(task: Section) -> tuple[str, int]:
    allowed = "HOST or HOST:PORT of a running AirSim"
    address = parse_address(task.text("address", allowed=allowed))
    if address is None:
        raise task.refuse("address", describe(task.data["address"]), allowed)
    return address
