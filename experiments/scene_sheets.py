"""The contact sheets of the scenes that come with the package: docs/figures/scene_<name>.png.

python -m experiments.scene_sheets
"""

from __future__ import annotations

from dcpg_ros.simulator.camera.preview import draw_preview
from dcpg_ros.simulator.scene.loader import load_scene
from experiments.common import ROOT


def main() -> None:
    """Draws a sheet of each scene."""
    for scene in sorted((ROOT / "config" / "scenes").glob("*.yaml")):
        path = ROOT / "docs" / "figures" / f"scene_{scene.stem}.png"
        draw_preview(load_scene(scene), path)
        print(f"-> {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
