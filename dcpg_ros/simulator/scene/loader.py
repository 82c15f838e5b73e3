"""The one loader of scene files."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from dcpg_ros.scenario.document import read_document
from dcpg_ros.scenario.section import Section, describe
from dcpg_ros.scenario.shipped import find_shipped
from dcpg_ros.simulator.geometry import Pose, quaternion
from dcpg_ros.simulator.scene.floorplan import FloorPlan, open_cell, read_floorplan
from dcpg_ros.simulator.scene.legend import build, legend_of, wall_characters
from dcpg_ros.simulator.scene.lights import read_lights
from dcpg_ros.simulator.scene.materials import read_materials
from dcpg_ros.simulator.scene.objects import Gathering, read_place
from dcpg_ros.simulator.scene.scene import BodySpec, Box, Color, Scene, Start
from dcpg_ros.simulator.scene.values import color, numbers
from dcpg_ros.simulator.world.room import check_room
from dcpg_ros.simulator.world.world import World

SLAB = 0.2  # m, the thickness of floor and ceiling
HIGHEST = 1000.0  # m
LONGEST_NAME = 100
MOST_STARTS = 1000
SKY = [0.53, 0.75, 0.92]


def load_scene(path: Path | str) -> Scene:
    """Reads and validates the scene of this file, or the shipped one of this name.

    Raises:
        InputError: for anything wrong; one line names the file, the key, what was found, what is allowed.
    """
    path = find_scene(str(path))
    root = Section(str(path), "", read_document(path))
    name, title = (_text(root, key, path.stem[:LONGEST_NAME]) for key in ("name", "title"))
    height = root.number("height", 3.0, at_least=0.5, at_most=HIGHEST)
    covered = root.raw("ceiling", True)
    if not isinstance(covered, bool):
        raise root.refuse("ceiling", describe(covered), "true or false")
    gathering = Gathering(read_materials(root), path.parent)
    legend = legend_of(root)
    plan = read_floorplan(root, set(legend))
    walls = np.isin(plan.characters, wall_characters(legend))
    _lay_slabs(root, plan, height, covered, gathering)
    build(plan, legend, height, gathering)
    if covered and (gap := open_cell(walls)):
        raise root.refuse("floorplan", "an open edge at row {}, column {}".format(*gap), "walls all around")
    _read_objects(root, gathering)
    lights = read_lights(root, plan, walls, gathering)
    ambient = color(root, "ambient", [0.3, 0.3, 0.3])
    sky = _read_sky(root, covered)
    starts = _read_starts(root, (*plan.extent, height))
    root.finish()
    size = (*plan.extent, height)
    bodies = tuple(gathering.bodies.values())
    scene = Scene(name, title, size, gathering.materials, bodies, lights, ambient, sky, starts, path)
    world = World(scene)
    for index, start in enumerate(starts):
        check_room(world, start.pose.position, root.where, f"starts[{index}]")
    return scene


def find_scene(name: str) -> Path:
    """The file of a scene given by path, or by the bare name of one that comes with the package.

    Raises:
        InputError: if it is a bare name, and there is neither such a file nor such a scene.
    """
    return find_shipped(name, "scene")


def _text(root: Section, key: str, default: str) -> str:
    text = root.text(key, default)
    if not 1 <= len(text) <= LONGEST_NAME or not text.isprintable():
        raise root.refuse(key, describe(text), f"1 to {LONGEST_NAME} printable characters on one line")
    return text


def _lay_slabs(root: Section, plan: FloorPlan, height: float, covered: bool, gathering: Gathering) -> None:
    """The floor under the whole plan, and the ceiling over it."""
    section = root.section("materials")
    width, depth = plan.extent
    middles = {"floor": SLAB / 2}
    if covered:
        middles["ceiling"] = -height - SLAB / 2
    for name, middle in middles.items():
        if name not in section.data:
            raise section.refuse(name, "nothing", f"a material, for the {name} is made of it")
        pose = Pose(np.array([width / 2, depth / 2, middle]))
        material = list(section.data).index(name)
        gathering.put(section, BodySpec(name, Box((width, depth, SLAB)), pose, material), numbered=False)


def _read_objects(root: Section, gathering: Gathering) -> None:
    if root.has("objects"):
        for section in root.sections("objects", "a list of {box, cylinder or mesh: …, at: …, material: …}"):
            gathering.read(section, [read_place(section)], numbered=not section.has("name"))


def _read_sky(root: Section, covered: bool) -> Color | None:
    if not covered:
        return color(root, "sky", SKY)
    if root.has("sky"):
        raise root.refuse("sky", "a sky above a ceiling", "a sky with `ceiling: false`")
    return None


def _read_starts(root: Section, size: tuple[float, float, float]) -> tuple[Start, ...]:
    names = "x, y, height, yaw in degrees"
    items = root.items("starts", f"a list of [{names}]")
    if not 1 <= len(items) <= MOST_STARTS:
        raise root.refuse("starts", f"{len(items)} starts", f"1 to {MOST_STARTS}")
    starts = []
    for index, item in enumerate(items):
        key = f"starts[{index}]"
        x, y, height, yaw = numbers(root.where, key, item, names)
        if not (0 <= x <= size[0] and 0 <= y <= size[1] and 0 <= height <= size[2]):
            allowed = "x from 0 to {:g}, y from 0 to {:g}, height from 0 to {:g}".format(*size)
            raise root.refuse(key, f"[{x:g}, {y:g}, {height:g}]", allowed)
        starts.append(Start(Pose(np.array([x, y, -height]), quaternion(0, 0, math.radians(yaw)))))
    return tuple(starts)
