import numpy as np
from camera_scenes import box, world_of
from PIL import Image

from dcpg_ros.simulator.camera import Renderer
from dcpg_ros.simulator.camera.preview import HEADING, MARGIN, WIDTH, draw_paths, draw_preview
from dcpg_ros.simulator.camera.section import CUT, section

WORLD = world_of(
    box("floor", (10, 10, 0.1), (20, 20, 0.2)),
    box("wall", (10, 15, -1.5), (20, 1, 3)),
    box("table", (5, 5, -0.5), (2, 2, 1), material=1),
    box("ceiling", (10, 10, -3.1), (20, 20, 0.2)),
)


def test_a_section_cuts_what_is_high_and_looks_down_on_what_is_low():
    picture = section(WORLD, Renderer(WORLD), height=2.0, scale=4)
    assert picture.shape == (80, 80, 3)
    assert (picture[58:62] == CUT).all()  # the wall from y = 14.5 m to 15.5 m
    assert (picture[:57] != CUT).any(axis=-1).all()
    red, green, _ = picture[17:23, 17:23].reshape(-1, 3).mean(axis=0)  # the table
    assert red > 2 * green


def test_a_sheet_has_the_plan_and_the_views(tmp_path):
    draw_preview(WORLD.scene, tmp_path / "sheet.png")
    sheet = Image.open(tmp_path / "sheet.png")
    assert sheet.format == "PNG"
    assert sheet.width == WIDTH
    views = np.asarray(sheet.convert("L"))[-MARGIN - 432 : -MARGIN]
    assert np.ptp(views[:, MARGIN : WIDTH - MARGIN]) > 50


def test_paths_are_drawn_where_they_were_flown(tmp_path):
    paths = {"a": np.array([[2.0, 10, -1], [18, 10, -1]]), "b": np.empty((0, 3)), "c": np.ones((1, 3))}
    draw_paths(WORLD.scene, paths, np.array([[10.0, 2, -1]]), tmp_path / "paths.png")
    picture = np.asarray(Image.open(tmp_path / "paths.png").convert("RGB")).astype(int)
    scale = 470 / 20
    left = (WIDTH - 470) // 2
    red, green, blue = picture[HEADING + round(10 * scale), left + round(10 * scale)]
    assert blue > 150 > red
    red, green, blue = picture[HEADING + round(2 * scale), left + round(10 * scale)]
    assert blue > 200 > green
