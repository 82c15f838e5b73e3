"""Reading of the things in a scene: boxes, cylinders and meshes, and where they stand."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from dcpg_ros.core.errors import InputError
from dcpg_ros.scenario.section import Section, describe
from dcpg_ros.simulator.geometry import Array, Pose, quaternion, rotation
from dcpg_ros.simulator.scene.materials import NAME, NAMED, material_index
from dcpg_ros.simulator.scene.meshes import read_mesh
from dcpg_ros.simulator.scene.scene import BodySpec, Box, Cylinder, Material, Mesh, Shape
from dcpg_ros.simulator.scene.values import SMALLEST, numbers, sizes
from dcpg_ros.simulator.world.shapes import triangulated

SHAPES = ("box", "cylinder", "mesh")
MOST_BODIES = 20_000
MOST_TRIANGLES = 500_000

Place = tuple[float, ...]  # x, y: it stands on the floor there; x, y, height: there is its centre


class Gathering:
    """The bodies of a scene as they are read, each under a name of its own.

    Raises:
        InputError: from every method, for anything wrong in the file.
    """

    def __init__(self, materials: tuple[Material, ...], folder: Path) -> None:
        self.materials = materials
        self.folder = folder  # that mesh files are given relative to
        self.bodies: dict[str, BodySpec] = {}
        self._meshes: dict[str, Mesh] = {}
        self._numbers: dict[str, int] = {}
        self._triangles = 0

    def read(self, section: Section, places: Iterable[Place], numbered: bool = True) -> None:
        """Puts the thing that a section describes at each of these places."""
        shape = self._shape(section)
        orientation = _orientation(section)
        scale = _scale(section)
        material = material_index(section, "material", self.materials)
        name = self.name(section, material)
        section.finish()
        lowest = float((triangulated(shape)[0] * scale @ rotation(orientation).T)[:, 2].max())
        for place in places:
            height = place[2] if len(place) == 3 else lowest
            pose = Pose(np.array([place[0], place[1], -height]), orientation)
            self.put(section, BodySpec(name, shape, pose, material, scale), numbered)

    def name(self, section: Section, material: int) -> str:
        """What the things of a section are called: by its ``name``, or else by their material."""
        name = section.text("name", self.materials[material].name, allowed=NAMED)
        if not NAME.fullmatch(name):
            raise section.refuse("name", describe(name), NAMED)
        return name

    def put(self, section: Section, spec: BodySpec, numbered: bool = True) -> None:
        """Adds a body under its name, or under its name and the next number that is free."""
        own, number = spec.name, self._numbers.get(spec.name, 0)
        while numbered and (own := f"{spec.name}_{number}") in self.bodies:
            number += 1
        self._numbers[spec.name] = number
        if own in self.bodies:
            raise section.refuse("name", describe(own), "a name that no other thing has")
        self._triangles += len(triangulated(spec.shape)[1])
        if len(self.bodies) >= MOST_BODIES or self._triangles > MOST_TRIANGLES:
            allowed = f"at most {MOST_BODIES} things, of {MOST_TRIANGLES} triangles in all"
            raise InputError(section.where, section.key, "one thing too many", allowed)
        self.bodies[own] = dataclasses.replace(spec, name=own)

    def _shape(self, section: Section) -> Shape:
        given = [shape for shape in SHAPES if section.has(shape)]
        if len(given) != 1:
            found = " and ".join(given) or "no shape"
            raise InputError(section.where, section.key, found, "one of " + ", ".join(SHAPES))
        if given == ["box"]:
            x, y, height = sizes(section, "box", "x, y, height")
            return Box((x, y, height))
        if given == ["cylinder"]:
            radius, height = sizes(section, "cylinder", "radius, height")
            return Cylinder(radius, height)
        file = section.text("mesh", allowed="a mesh file, relative to the scene's")
        if file not in self._meshes:
            self._meshes[file] = read_mesh(section.where, section.path("mesh"), self.folder / file)
        return self._meshes[file]


def read_place(section: Section) -> Place:
    """The place under ``at``; raises InputError."""
    value = section.raw("at", allowed="[x, y] or [x, y, height]")
    names = "x, y, height" if isinstance(value, list) and len(value) == 3 else "x, y"
    return numbers(section.where, section.path("at"), value, names)


def _orientation(section: Section) -> Array:
    if section.has("rotation"):
        if section.has("yaw"):
            raise section.refuse("yaw", "a yaw beside a rotation", "one of the two")
        value = section.raw("rotation")
        names = "roll, pitch, yaw"
        turned = numbers(section.where, section.path("rotation"), value, names, -360, 360)
        return quaternion(*map(math.radians, turned))
    return quaternion(0, 0, math.radians(section.number("yaw", 0.0, at_least=-360, at_most=360)))


def _scale(section: Section) -> tuple[float, float, float]:
    value = section.raw("scale", 1.0)
    if not isinstance(value, list):
        value = [section.number("scale", 1.0, at_least=SMALLEST, at_most=1000)] * 3
    x, y, height = numbers(section.where, section.path("scale"), value, "x, y, height", SMALLEST, 1000)
    return x, y, height
