"""Pictures of a scene for people: its floor plan, what cameras see in it, and paths flown through it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from dcpg_ros.simulator.camera.frame import Renderer
from dcpg_ros.simulator.camera.lens import Lens
from dcpg_ros.simulator.camera.section import section
from dcpg_ros.simulator.geometry import Array, Pose, euler, quaternion
from dcpg_ros.simulator.scene import Scene
from dcpg_ros.simulator.world import World

WIDTH, MARGIN, HEADING = 1200, 12, 40  # pixels of a sheet
WIDTH_OF_PLAN, HEIGHT_OF_PLAN = WIDTH - 2 * MARGIN, 470  # at most
COLUMNS, ROWS = 3, 2  # of camera views
VIEW = Lens(384, 216, 80)
CLEARANCE, EYES = 0.6, 1.5  # m around a place from which one looks, and how high at least
PAPER, INK, GREY = (255, 255, 255), (33, 33, 41), (115, 115, 123)
LIGHT, START, OTHER = (255, 214, 90), (230, 60, 60), (60, 130, 240)
PATHS = ((0, 114, 178), (213, 94, 0), (0, 158, 115), (204, 121, 167), (230, 159, 0), (86, 180, 233))

Colour = tuple[int, int, int]


@dataclass(frozen=True, eq=False)
class Plan:
    """A floor plan that can be drawn on in metres."""

    image: Image.Image
    scale: float  # pixels in a metre

    @classmethod
    def of(cls, world: World, renderer: Renderer) -> Plan:
        """The lit section of a world, and its lamps."""
        scene = world.scene
        length, breadth, height = scene.size
        scale = min(WIDTH_OF_PLAN / length, HEIGHT_OF_PLAN / breadth)
        cut = height + 1 if scene.sky else 0.8 * height
        double = Image.fromarray(section(world, renderer, cut, 2 * scale))
        plan = cls(double.resize((double.width // 2, double.height // 2), Image.Resampling.BOX), scale)
        for light in scene.lights:
            plan.dot(light.position, 3, LIGHT)
        return plan

    def at(self, point: Array) -> tuple[float, float]:
        """Where a point of the world is; pixels."""
        return float(point[0]) * self.scale, float(point[1]) * self.scale

    def dot(self, point: Array, radius: float, colour: Colour) -> None:
        """Marks a point."""
        x, y = self.at(point)
        box = (x - radius, y - radius, x + radius, y + radius)
        ImageDraw.Draw(self.image).ellipse(box, fill=colour, outline=INK)

    def arrow(self, pose: Pose, label: str, colour: Colour) -> None:
        """Marks a pose and where it looks."""
        x, y = self.at(pose.position)
        yaw = euler(pose.orientation)[2]
        tip, *tail = [
            (x + length * math.cos(yaw + turn), y + length * math.sin(yaw + turn))
            for length, turn in ((26, 0), (12, 0.9 * math.pi / 2), (12, -0.9 * math.pi / 2))
        ]
        draw = ImageDraw.Draw(self.image)
        draw.polygon([tip, *tail], fill=colour, outline=INK)
        draw.ellipse((x - 10, y - 10, x + 10, y + 10), fill=colour, outline=INK)
        draw.text((x, y), label, fill="white", font=_font(14), anchor="mm", stroke_width=1, stroke_fill=INK)

    def line(self, points: Array, colour: Colour) -> None:
        """Draws a path (n, 3), from a ring to a disc."""
        draw = ImageDraw.Draw(self.image)
        pixels = [self.at(point) for point in points]
        if len(pixels) > 1:
            draw.line(pixels, fill="white", width=5, joint="curve")
            draw.line(pixels, fill=colour, width=3, joint="curve")
        (x, y), last = pixels[0], points[-1]
        draw.ellipse((x - 6, y - 6, x + 6, y + 6), fill="white", outline=colour, width=3)
        self.dot(last, 5, colour)


def draw_preview(scene: Scene, path: Path) -> None:
    """Draws a sheet: the floor plan, and what cameras see from the starts and from other free places.

    Args:
        scene: the scene.
        path: the PNG to write.
    """
    world = World(scene)
    renderer = Renderer(world)
    starts = [start.pose for start in scene.starts][: COLUMNS * ROWS]
    poses = [*starts, *_lookouts(world, renderer, starts, COLUMNS * ROWS - len(starts))]
    plan = Plan.of(world, renderer)
    sheet, draw = _sheet(scene, plan.image.height + ROWS * (VIEW.height + MARGIN))
    for number, pose in enumerate(poses):
        colour = START if number < len(starts) else OTHER
        plan.arrow(pose, str(number + 1), colour)
        row, column = divmod(number, COLUMNS)
        x = MARGIN + column * (VIEW.width + MARGIN)
        y = HEADING + plan.image.height + MARGIN + row * (VIEW.height + MARGIN)
        sheet.paste(Image.fromarray(renderer.frame(pose, VIEW).rgb), (x, y))
        draw.rectangle((x, y, x + 22, y + 22), fill=colour)
        draw.text((x + 11, y + 11), str(number + 1), fill="white", font=_font(15), anchor="mm")
    sheet.paste(plan.image, ((WIDTH - plan.image.width) // 2, HEADING))
    _save(sheet, path)


def draw_paths(scene: Scene, paths: Mapping[str, Array], markers: Array, path: Path) -> None:
    """Draws flown paths on the floor plan.

    Args:
        scene: where they were flown.
        paths: by the name of who flew, (n, 3) m in the world's frame.
        markers: (k, 3) m, points that were marked.
        path: the PNG to write.
    """
    world = World(scene)
    plan = Plan.of(world, Renderer(world))
    rows = math.ceil(len(paths) / 4)
    sheet, draw = _sheet(scene, plan.image.height + rows * 26)
    for point in markers:
        plan.dot(point, 2.5, OTHER)
    for number, (name, points) in enumerate(paths.items()):
        colour = PATHS[number % len(PATHS)]
        if len(points):
            plan.line(points, colour)
        metres = float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())
        row, column = divmod(number, 4)
        x, y = MARGIN + column * (WIDTH // 4), HEADING + plan.image.height + 18 + row * 26
        draw.line((x, y, x + 24, y), fill=colour, width=4)
        draw.text((x + 32, y), f"{name}, {metres:.1f} m", fill=INK, font=_font(15), anchor="lm")
    sheet.paste(plan.image, ((WIDTH - plan.image.width) // 2, HEADING))
    _save(sheet, path)


def _lookouts(world: World, renderer: Renderer, taken: list[Pose], count: int) -> list[Pose]:
    """Free places far from those taken and from each other, each looking where it sees farthest."""
    length, width, _ = world.scene.size
    height = min(taken[0].position[2], -EYES)
    x, y = np.meshgrid(*(side * np.linspace(0.03, 0.97, 40) for side in (length, width)))
    places = [np.array([*place, height]) for place in zip(x.ravel(), y.ravel(), strict=True)]
    free = np.array([place for place in places if world.overlap(place, CLEARANCE) is None])
    chosen = [pose.position for pose in taken]
    yaws = np.arange(16) * (math.pi / 8)
    directions = np.stack([np.cos(yaws), np.sin(yaws), np.zeros(16)], axis=1)
    poses: list[Pose] = []
    while len(poses) < count and len(free):
        apart = np.linalg.norm(free[:, None] - np.array(chosen), axis=2).min(axis=1)
        place = free[apart.argmax()]
        distance = renderer.cast(np.repeat(place[None], 16, axis=0), directions)[0]
        distance = np.where(np.isinf(distance), 0, distance)
        around = distance + np.roll(distance, 1) + np.roll(distance, -1)
        poses.append(Pose(place, quaternion(0, 0, float(yaws[around.argmax()]))))
        chosen.append(place)
    return poses


def _sheet(scene: Scene, height: int) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    sheet = Image.new("RGB", (WIDTH, HEADING + height + MARGIN), PAPER)
    draw = ImageDraw.Draw(sheet)
    draw.text((MARGIN, HEADING / 2), scene.title, fill=INK, font=_font(20), anchor="lm")
    length, width, high = scene.size
    facts = f"{scene.name}   {length:g} m x {width:g} m x {high:g} m   {len(scene.bodies)} bodies"
    draw.text((WIDTH - MARGIN, HEADING / 2), facts, fill=GREY, font=_font(15), anchor="rm")
    return sheet, draw


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _save(sheet: Image.Image, path: Path) -> None:
    """Writes a PNG of five bits a colour, which are hardly seen to be less and take a third of the space."""
    sheet.point(lambda value: value & 0xF8 | value >> 5).save(path, "PNG", optimize=True)
