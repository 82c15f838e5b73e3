import numpy as np
from camera_scenes import box, world_of
from numpy.testing import assert_allclose, assert_array_equal

from dcpg_ros.simulator.camera.charts import Charts
from dcpg_ros.simulator.camera.grids import Field, Grid
from dcpg_ros.simulator.camera.hashing import uniform, value_noise
from dcpg_ros.simulator.camera.textures import PATTERNS, TEXELS, atlas
from dcpg_ros.simulator.geometry import Pose, quaternion
from dcpg_ros.simulator.scene import TEXTURES, BodySpec, Cylinder, Material
from dcpg_ros.simulator.world import World

TURNED = quaternion(0.3, -0.5, 1.0)


def charts_of(world: World, period=2.0):
    soup = world.soup()
    return Charts.of(
        soup.vertices[soup.triangles], soup.normals, soup.body, np.full(len(soup.triangles), period)
    )


def test_an_upright_box_unfolds_into_six_charts_of_its_faces_sizes():
    charts = charts_of(world_of(box("box", (30, -20, 3), (1, 2, 3))))
    assert len(charts) == 6
    assert_allclose(charts.area, 2 * (2 + 3 + 6))


def test_a_tilted_box_has_six_charts_too():
    assert len(charts_of(world_of(box("box", (30, -20, 3), (1, 2, 3), 0, TURNED)))) == 6


def test_two_bodies_share_no_chart():
    assert len(charts_of(world_of(box("a", (0, 0, 0), (1, 1, 1)), box("b", (1, 0, 0), (1, 1, 1))))) == 12


def test_charts_fold_back_into_the_corners_they_came_from():
    world = world_of(
        box("box", (30, -20, 3), (1, 2, 3), 0, TURNED),
        BodySpec("column", Cylinder(0.5, 3.0), Pose(np.array([-4.0, 2, 0]), TURNED)),
    )
    charts, soup = charts_of(world), world.soup()
    assert (charts.corners >= 0).all()
    for corner in range(3):
        points = charts.points(charts.of_triangle, charts.corners[:, corner].T)
        assert_allclose(points.T, soup.vertices[soup.triangles[:, corner]], atol=2e-3)


def test_patterns_run_on_from_one_wall_to_the_next():
    world = world_of(box("a", (0.5, 0, 0), (1, 1, 3)), box("b", (3, 0, 0), (4, 1, 3)))
    charts = charts_of(world, period=2.0)
    north = np.isclose(charts.normal[1], -1)
    phase = charts.origin[:, north] / 2
    assert_allclose(phase[0] - phase[0, 0], np.rint(phase[0] - phase[0, 0]), atol=1e-9)


def test_resampling_keeps_linear_values_and_trusts_no_hidden_cell():
    charts = charts_of(world_of(box("box", (0, 0, 0), (6, 4, 3))))
    coarse, fine = Grid(charts, 0.5), Grid(charts, 0.11)
    chart, flat = coarse.centres()
    values, trust = np.stack([flat[0], flat[1], chart]).astype(np.float32), np.ones(coarse.count, np.float32)
    values[:, 3], trust[3] = 1e3, 1e-7
    there, where = fine.centres()
    low, size = charts.low[:, there], charts.size[:, there]
    inside = ((where > low + 0.5) & (where < low + size - 0.5)).all(axis=0)
    inside &= there > 0  # the first chart has the hidden cell
    found = Field(coarse, values, trust).resampled(fine)
    assert inside.any()
    assert_allclose(found[:2, inside], where[:, inside], atol=1e-3)
    assert_allclose(found[2], there, atol=1e-2)


def test_noise_repeats_after_its_period_and_is_the_same_everywhere():
    x = np.linspace(0, 4, 33, dtype=np.float32)[:-1]
    assert_array_equal(value_noise(x, x, 4, 7), value_noise(x + 4, x + 8, 4, 7))
    assert (value_noise(x, x, 4, 7) != value_noise(x, x, 4, 8)).any()
    numbers = uniform(np.arange(100_000), 3)
    assert numbers.min() >= 0
    assert numbers.max() < 1
    assert_allclose([numbers.mean(), numbers.std()], [0.5, 12**-0.5], atol=0.005)


def test_every_texture_that_a_scene_may_name_has_a_picture():
    assert set(PATTERNS) == set(TEXTURES)
    materials = [Material(name, (0.5, 0.5, 0.5), name) for name in TEXTURES]
    assert atlas(materials).shape == (len(TEXTURES) * TEXELS,)
