"""The contact sheets of the scenes that come with the package, and a view of four worlds for the front page.

    python -m experiments.scene_sheets

Makes docs/figures/scene_<name>.png and docs/figures/worlds.png.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from dcpg_ros.simulator.camera import Lens, Renderer
from dcpg_ros.simulator.camera.preview import draw_preview
from dcpg_ros.simulator.scene import Scene
from dcpg_ros.simulator.scene.loader import load_scene
from dcpg_ros.simulator.world import World
from experiments.common import ROOT

FIGURES = ROOT / "docs" / "figures"
INDOOR = ("indoor_long", "indoor_twist", "indoor_frogeyes", "indoor_techno")
VIEW = Lens(480, 270, 80)
GAP = 8  # pixels between two views


def main() -> None:
    """Draws a sheet of each scene, and the four worlds side by side."""
    scenes = {path.stem: load_scene(path) for path in sorted((ROOT / "config" / "scenes").glob("*.yaml"))}
    for name, scene in scenes.items():
        draw_preview(scene, _shown(FIGURES / f"scene_{name}.png"))
    draw_worlds([scenes[name] for name in INDOOR], _shown(FIGURES / "worlds.png"))


def draw_worlds(scenes: list[Scene], path: Path) -> None:
    """What a drone sees from the first start of each of four scenes."""
    picture = Image.new("RGB", (2 * VIEW.width + GAP, 2 * VIEW.height + GAP), "white")
    for index, scene in enumerate(scenes):
        row, column = divmod(index, 2)
        frame = Renderer(World(scene)).frame(scene.starts[0].pose, VIEW)
        place = column * (VIEW.width + GAP), row * (VIEW.height + GAP)
        picture.paste(Image.fromarray(frame.rgb), place)
    picture.save(path, optimize=True)


def _shown(path: Path) -> Path:
    print(f"-> {path.relative_to(ROOT)}")
    return path


if __name__ == "__main__":
    main()
