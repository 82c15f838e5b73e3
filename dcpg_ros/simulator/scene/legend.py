"""Reading of a floor plan's legend: what is built on the cells of each character."""

from __future__ import annotations

import numpy as np

from dcpg_ros.core.errors import InputError
from dcpg_ros.scenario.section import Section, describe
from dcpg_ros.simulator.geometry import Pose
from dcpg_ros.simulator.scene.floorplan import FREE, FloorPlan
from dcpg_ros.simulator.scene.materials import material_index
from dcpg_ros.simulator.scene.objects import SHAPES, Gathering
from dcpg_ros.simulator.scene.scene import BodySpec, Box
from dcpg_ros.simulator.scene.values import SMALLEST

FILLINGS = (
    "wall",
    "block",
    "floor",
)  # what covers its cells: to the ceiling, to a height, or the ground alone
CARPET = 0.01  # m, the thickness of a floor that lies on the floor


def legend_of(root: Section) -> dict[str, Section]:
    """The legend's entries by their character.

    Raises:
        InputError: if a key is not one character, or stands for free floor.
    """
    legend = root.section("legend", {})
    for character in legend.data:
        if len(character) != 1 or character == FREE or character.isspace():
            raise root.refuse("legend", describe(character), f"one character each, but not {FREE} or a space")
    return {character: legend.section(character) for character in legend.data}


def wall_characters(legend: dict[str, Section]) -> list[str]:
    """The characters that stand for walls."""
    return [character for character, entry in legend.items() if entry.has("wall")]


def build(plan: FloorPlan, legend: dict[str, Section], height: float, gathering: Gathering) -> None:
    """Puts what the legend says on the cells of the plan: few large boxes, or one thing on each cell.

    Raises:
        InputError: for anything wrong in an entry.
    """
    for character, entry in legend.items():
        given = [kind for kind in (*FILLINGS, *SHAPES) if entry.has(kind)]
        if len(given) != 1:
            allowed = "one of " + ", ".join((*FILLINGS, *SHAPES))
            raise InputError(entry.where, entry.key, " and ".join(given) or "nothing to build", allowed)
        if given[0] in SHAPES:
            gathering.read(entry, plan.centres(character))
        else:
            _fill(given[0], plan.rectangles(character), entry, height, gathering)


def _fill(
    kind: str,
    rectangles: list[tuple[float, float, float, float]],
    entry: Section,
    height: float,
    gathering: Gathering,
) -> None:
    material = material_index(entry, kind, gathering.materials)
    name = gathering.name(entry, material)
    if kind == "block":
        height = entry.number("height", at_least=SMALLEST, at_most=height)
    elif kind == "floor":
        height = CARPET
    entry.finish()
    for x, y, along_x, along_y in rectangles:
        pose = Pose(np.array([x, y, -height / 2]))
        gathering.put(entry, BodySpec(name, Box((along_x, along_y, height)), pose, material))
