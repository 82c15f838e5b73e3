"""Scenes: what a world is made of, read from a YAML file."""

from dcpg_ros.simulator.scene.scene import (
    TEXTURES,
    BodySpec,
    Box,
    Color,
    Cylinder,
    Light,
    Material,
    Mesh,
    Scene,
    Shape,
    Start,
)

__all__ = [
    "TEXTURES",
    "BodySpec",
    "Box",
    "Color",
    "Cylinder",
    "Light",
    "Material",
    "Mesh",
    "Scene",
    "Shape",
    "Start",
]
