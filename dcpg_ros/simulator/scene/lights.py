"""Reading of a scene's lights: grids under the ceiling, and single ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dcpg_ros.scenario.section import Section
from dcpg_ros.simulator.geometry import Pose
from dcpg_ros.simulator.scene.floorplan import FloorPlan
from dcpg_ros.simulator.scene.materials import material_index
from dcpg_ros.simulator.scene.objects import Gathering
from dcpg_ros.simulator.scene.scene import BodySpec, Box, Light
from dcpg_ros.simulator.scene.values import FARTHEST, SMALLEST, color, numbers

Mask = NDArray[np.bool_]

MOST_LIGHTS = 400
LAMP = (0.9, 0.3, 0.04)  # m; a panel that shines, and lights nothing: the light hangs below it
BELOW = 0.05  # m, from the panel's middle to its light


def read_lights(root: Section, plan: FloorPlan, walls: Mask, gathering: Gathering) -> tuple[Light, ...]:
    """The lights of a scene; the lamps that they hang from are added to its bodies.

    Args:
        root: the scene file.
        plan: that grids spread over.
        walls: which of its cells (rows, columns) are solid.
        gathering: takes the lamps, and knows the materials.

    Raises:
        InputError: for anything wrong.
    """
    if not root.has("lights"):
        sections = []
    elif isinstance(root.raw("lights"), dict):
        sections = [root.section("lights")]
    else:
        sections = root.sections("lights", "{grid: …}, or a list of such and of {at: …}")
    lights = [light for section in sections for light in _read_group(section, plan, walls, gathering)]
    if len(lights) > MOST_LIGHTS:
        raise root.refuse("lights", f"{len(lights)} lights", f"at most {MOST_LIGHTS}")
    return tuple(lights)


def _read_group(section: Section, plan: FloorPlan, walls: Mask, gathering: Gathering) -> list[Light]:
    if section.has("grid"):
        places = _grid(section, plan, walls)
    else:
        at = section.raw("at", allowed="[x, y, height]")
        places = [numbers(section.where, section.path("at"), at, "x, y, height")]
    colour = color(section, "color", [1, 1, 1])
    power = section.number("power", 1.0, at_least=0, at_most=100)
    reach = section.number("reach", 5.0, at_least=SMALLEST, at_most=FARTHEST)
    lamp = material_index(section, "lamp", gathering.materials) if section.has("lamp") else None
    section.finish()
    if lamp is not None:
        for x, y, height in places:
            pose = Pose(np.array([x, y, -height - BELOW]))
            gathering.put(section, BodySpec("lamp", Box(LAMP), pose, lamp))
    return [Light(np.array([x, y, -height]), colour, power, reach) for x, y, height in places]


def _grid(section: Section, plan: FloorPlan, walls: Mask) -> list[tuple[float, ...]]:
    """Evenly over the plan, but not inside its walls: a lamp in there lights nothing."""
    height = section.number("at", at_least=0, at_most=FARTHEST)
    value = section.raw("grid")
    grid = numbers(section.where, section.path("grid"), value, "along x, along y", 1, MOST_LIGHTS)
    if any(count != int(count) for count in grid):
        raise section.refuse("grid", value, "[along x, along y], two whole numbers")
    along_x, along_y = (int(count) for count in grid)
    if along_x * along_y > MOST_LIGHTS:
        raise section.refuse("grid", f"{along_x * along_y} lights", f"at most {MOST_LIGHTS}")
    cells = np.array(walls.shape[::-1])
    places = [
        (np.array([i, j]) + 0.5) / grid for j in range(along_y) for i in range(along_x)
    ]  # parts of the plan
    free = [place for place in places if not walls[tuple((place * cells).astype(int)[::-1])]]
    return [(*(place * plan.extent).tolist(), height) for place in free]
