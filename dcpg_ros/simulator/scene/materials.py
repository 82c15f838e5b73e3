"""Reading of a scene's materials."""

from __future__ import annotations

import re

from dcpg_ros.scenario.section import Section, describe
from dcpg_ros.simulator.scene.scene import TEXTURES, Material
from dcpg_ros.simulator.scene.values import SMALLEST, color

MOST_MATERIALS = 200
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,62}")
NAMED = "a name of letters, digits, _ and -"


def read_materials(root: Section) -> tuple[Material, ...]:
    """The materials in the order of the file.

    Raises:
        InputError: for anything wrong.
    """
    section = root.section("materials")
    if not 1 <= len(section.data) <= MOST_MATERIALS:
        raise root.refuse("materials", f"{len(section.data)} materials", f"1 to {MOST_MATERIALS}")
    materials = []
    for name in section.data:
        if not NAME.fullmatch(name):
            raise root.refuse("materials", describe(name), NAMED)
        materials.append(_read_material(name, section.section(name)))
    return tuple(materials)


def material_index(section: Section, name: str, materials: tuple[Material, ...]) -> int:
    """The index of the material that a key names; raises InputError if there is none such."""
    names = [material.name for material in materials]
    return names.index(section.choice(name, names))


def _read_material(name: str, section: Section) -> Material:
    material = Material(
        name=name,
        color=color(section, "color"),
        texture=section.choice("texture", TEXTURES, "plain"),
        scale_m=section.number("scale", 1.0, at_least=SMALLEST, at_most=1000),
        emissive=section.number("emissive", 0.0, at_least=0, at_most=1),
    )
    section.finish()
    return material
