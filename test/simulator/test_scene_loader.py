import contextlib
import copy
import math
import shutil
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

import dcpg_ros
from dcpg_ros.core.errors import InputError
from dcpg_ros.scenario.document import read_document, write_document
from dcpg_ros.simulator.geometry import euler
from dcpg_ros.simulator.scene import Box, Cylinder, Material, Mesh
from dcpg_ros.simulator.scene.loader import find_scene, load_scene
from dcpg_ros.simulator.world import World
from dcpg_ros.simulator.world.body import Body

WEDGE = """\
v 0 0 0
v 2 0 0
v 0 1 0
v 0 0 3
f 1 3 2
f 1 2 4
f 1 4 3
f 2 3 4
"""  # y up: it is 1 m high, and 3 m along Z

SCENE = """\
name: hut
title: A hut
cell: 2.0
height: 3.0
ambient: [0.1, 0.2, 0.3]
materials:
  wall: {color: [0.9, 0.8, 0.7], texture: plaster, scale: 2.0}
  floor: {color: [0.5, 0.4, 0.3]}
  ceiling: {color: [1, 1, 1]}
  lamp: {color: [1, 1, 0.9], emissive: 0.5}
floorplan: |
  ########
  #.....,#
  #.B....#
  #....o.#
  ########
legend:
  '#': {wall: wall}
  ',': {floor: wall, name: rug}
  'B': {block: wall, height: 1.0, name: bench}
  'o': {cylinder: [0.3, 1.2], material: lamp}
objects:
  - {box: [1.0, 0.5, 0.8], at: [9.0, 3.0], material: wall, yaw: 90, name: desk}
  - {box: [1.0, 0.1, 0.5], at: [9.0, 2.1, 1.6], material: lamp}
  - {mesh: wedge.obj, at: [3.0, 3.0], material: wall, scale: [1, 1, 0.5], rotation: [0, 0, 180]}
lights:
  - {at: [8.0, 5.0, 2.5], color: [1.0, 0.9, 0.8], power: 2.0, reach: 4.0}
  - {grid: [4, 1], at: 2.8, lamp: lamp}
starts:
  - [5.0, 3.0, 1.5, 90]
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "wedge.obj").write_text(WEDGE)
    (tmp_path / "hut.yaml").write_text(SCENE)
    return tmp_path


@pytest.fixture
def scene(folder):
    return load_scene(folder / "hut.yaml")


def body(scene, name):
    spec = next(spec for spec in scene.bodies if spec.name == name)
    return spec, Body.of(spec, 1)


def test_what_a_scene_says_of_itself(scene, folder):
    assert (scene.name, scene.title, scene.source) == ("hut", "A hut", folder / "hut.yaml")
    assert (scene.size, scene.ambient, scene.sky) == ((16.0, 10.0, 3.0), (0.1, 0.2, 0.3), None)
    assert scene.materials[0] == Material("wall", (0.9, 0.8, 0.7), "plaster", 2.0, 0.0)
    assert [material.name for material in scene.materials] == ["wall", "floor", "ceiling", "lamp"]
    assert scene.materials[3].emissive == 0.5


def test_names_of_all_things_are_readable_and_their_own(scene):
    names = [spec.name for spec in scene.bodies]
    assert names == [
        *("floor", "ceiling", "wall_0", "wall_1", "wall_2", "wall_3", "rug_0", "bench_0", "lamp_0"),
        *("desk", "lamp_1", "wall_4", "lamp_2", "lamp_3", "lamp_4"),
    ]
    assert [body.segmentation_id for body in World(scene).bodies.values()] == list(range(1, 16))


def test_file_points_become_ned_with_the_plan_seen_from_above(scene):
    """x along a row, y down the rows, z down; the plan's top left corner is the origin."""
    spec, bench = body(scene, "bench_0")
    assert spec.shape == Box((2.0, 2.0, 1.0))
    assert_allclose(bench.vertices.min(axis=0), [4, 4, -1])
    assert_allclose(bench.vertices.max(axis=0), [6, 6, 0])
    assert_allclose(body(scene, "ceiling")[1].vertices.max(axis=0), [16, 10, -3])
    assert_allclose(body(scene, "floor")[1].vertices.min(axis=0), [0, 0, 0])
    assert_allclose(body(scene, "rug_0")[1].vertices.min(axis=0), [12, 2, -0.01])
    spec, lamp = body(scene, "lamp_0")
    assert spec.shape == Cylinder(0.3, 1.2)
    assert_allclose(lamp.pose.position, [11, 7, -0.6])


def test_two_numbers_stand_on_the_floor_and_three_place_the_centre(scene):
    _, desk = body(scene, "desk")
    assert_allclose(desk.vertices.min(axis=0), [8.75, 2.5, -0.8])  # turned by 90 degrees
    assert_allclose(desk.vertices.max(axis=0), [9.25, 3.5, 0], atol=1e-12)
    assert_allclose(body(scene, "lamp_1")[0].pose.position, [9, 2.1, -1.6])


def test_mesh_files_are_y_up(scene):
    """(X, Y, Z) of the file is x = X, y = Z, height = Y; then scaled, turned, and stood on the floor."""
    spec, wedge = body(scene, "wall_4")
    assert isinstance(spec.shape, Mesh)
    corners = {tuple(corner) for corner in np.round(wedge.vertices - [3, 3, 0], 9) + 0.0}
    assert corners == {(0, 0, 0), (-2, 0, 0), (0, 0, -0.5), (0, -3, 0)}
    a, b, c = np.moveaxis(wedge.vertices[wedge.triangles], 1, 0)
    assert (a * np.cross(b, c)).sum() / 6 == pytest.approx(
        2 * 3 * 0.5 / 6
    )  # its triangles still look outward


def test_lights_and_the_lamps_they_hang_from(scene):
    assert [light.position.tolist() for light in scene.lights] == [
        [8, 5, -2.5], *([x, 5, -2.8] for x in (2, 6, 10)),  # x = 14 is in the wall
    ]  # fmt: skip
    first = scene.lights[0]
    assert (first.color, first.power, first.reach) == ((1.0, 0.9, 0.8), 2.0, 4.0)
    assert_allclose(body(scene, "lamp_2")[0].pose.position, [2, 5, -2.85])


def test_a_grid_leaves_out_the_lights_inside_walls(folder):
    text = SCENE.replace("grid: [4, 1]", "grid: [8, 5]")
    (folder / "hut.yaml").write_text(text)
    inner = [light.position for light in load_scene(folder / "hut.yaml").lights[1:]]
    assert len(inner) == 6 * 3
    assert min(position[0] for position in inner) == 3


def test_starts_look_along_their_heading(scene):
    start = scene.starts[0].pose
    assert_allclose(start.position, [5, 3, -1.5])
    assert euler(start.orientation) == pytest.approx((0, 0, math.pi / 2))


def test_a_scene_of_the_fewest_words(tmp_path):
    path = tmp_path / "plain.yaml"
    path.write_text(
        "materials: {floor: {color: [1, 1, 1]}}\nceiling: false\nfloorplan: '..'\nstarts: [[1, 0.5, 0.25, 0]]"
    )
    scene = load_scene(path)
    assert (scene.name, scene.title, scene.size) == ("plain", "plain", (2.0, 1.0, 3.0))
    assert scene.sky == pytest.approx((0.53, 0.75, 0.92))
    assert [spec.name for spec in scene.bodies] == ["floor"]
    assert scene.lights == ()


def test_glb_files_are_read_and_shared(folder):
    import trimesh

    trimesh.creation.box((1, 2, 3)).export(folder / "crate.glb")
    text = SCENE.replace("wedge.obj", "crate.glb")
    extra = "  - {mesh: crate.glb, at: [8.0, 6.0, 1.5], material: wall, name: crate}\nlights:"
    (folder / "hut.yaml").write_text(text.replace("lights:", extra))
    scene = load_scene(folder / "hut.yaml")
    spec, crate = body(scene, "crate")
    assert_allclose(crate.size, [1, 3, 2])
    assert_allclose(crate.pose.position, [8, 6, -1.5])
    assert spec.shape is body(scene, "wall_4")[0].shape


def test_own_scenes_work_from_any_path(folder, monkeypatch):
    monkeypatch.chdir("/")
    assert load_scene(str(folder / "hut.yaml")).name == "hut"
    monkeypatch.chdir(folder)
    assert load_scene("hut.yaml").name == "hut"


def test_shipped_scenes_go_by_name():
    assert find_scene("indoor_long").name == "indoor_long.yaml"
    assert load_scene("indoor_long").name == "indoor_long"
    with pytest.raises(InputError, match="indoor_lnog: found no such scene, allowed: a scene file, or"):
        load_scene("indoor_lnog")


def test_shipped_scenes_are_found_where_they_are_installed(tmp_path, monkeypatch, folder):
    shared = tmp_path / "prefix" / "share" / "dcpg_ros" / "config" / "scenes"
    shared.mkdir(parents=True)
    shutil.copy(folder / "hut.yaml", shared / "cabin.yaml")
    monkeypatch.setenv("AMENT_PREFIX_PATH", str(tmp_path / "prefix"))
    assert find_scene("cabin") == shared / "cabin.yaml"


WALL = "wall: {color: [0.9, 0.8, 0.7], texture: plaster, scale: 2.0}"
DESK = "{box: [1.0, 0.5, 0.8], at: [9.0, 3.0], material: wall, yaw: 90, name: desk}"
MESH = "{mesh: wedge.obj, at: [3.0, 3.0], material: wall, scale: [1, 1, 0.5], rotation: [0, 0, 180]}"
LIGHT = "{at: [8.0, 5.0, 2.5], color: [1.0, 0.9, 0.8], power: 2.0, reach: 4.0}"
START = "[5.0, 3.0, 1.5, 90]"
ROW = "#.....,#"

WRONG = [
    # the scene itself
    ("name: hut", "name: 3", "name", "3", "text"),
    ("name: hut", "name: ''", "name", "''", "1 to 100"),
    ("name: hut", f"name: {101 * 'a'}", "name", "'aaa", "1 to 100"),
    ("name: hut", 'name: "a\\nb"', "name", "'a\\nb'", "on one line"),
    ("title: A hut", "titel: A hut", "titel", "an unknown key", "title"),
    ("title: A hut", "title: [A]", "title", "a list of 1", "text"),
    ("cell: 2.0", "cell: 0", "cell", "0", ">= 0.05"),
    ("cell: 2.0", "cell: 1000", "cell", "1000", "<= 100"),
    ("cell: 2.0", "cell: .nan", "cell", "nan", "a finite number"),
    ("cell: 2.0", "cell: wide", "cell", "'wide'", "a finite number"),
    ("height: 3.0", "height: -3", "height", "-3", ">= 0.5"),
    ("height: 3.0", "height: .inf", "height", "inf", "a finite number"),
    ("ambient: [0.1, 0.2, 0.3]", "ambient: [0.1, 0.2]", "ambient", "[0.1, 0.2]", "[red, green, blue]"),
    ("ambient: [0.1, 0.2, 0.3]", "ambient: [0.1, 0.2, 1.3]", "ambient", "1.3", "from 0 to 1"),
    ("ambient: [0.1, 0.2, 0.3]", "ambient: [0.1, 0.2, .nan]", "ambient", "nan", "from 0 to 1"),
    ("ambient: [0.1, 0.2, 0.3]", "ambient: grey", "ambient", "'grey'", "[red, green, blue]"),
    ("ambient: [0.1, 0.2, 0.3]", "ambient: [0.1, 0.2, true]", "ambient", "True", "a number"),
    ("ambient: [0.1, 0.2, 0.3]", "ceiling: maybe", "ceiling", "'maybe'", "true or false"),
    ("ambient: [0.1, 0.2, 0.3]", "sky: [0, 0, 1]", "sky", "a ceiling", "ceiling: false"),
    # materials
    (WALL, "wall: {texture: plaster}", "materials.wall.color", "nothing", "[red, green, blue]"),
    (WALL, "wall: {color: [1, 1, 1], texture: fur}", "materials.wall.texture", "'fur'", "plaster"),
    (WALL, "wall: {color: [1, 1, 1], scale: 0}", "materials.wall.scale", "0", ">= 0.001"),
    (WALL, "wall: {color: [1, 1, 1], emissive: 2}", "materials.wall.emissive", "2", "<= 1"),
    (WALL, "wall: {color: [1, 1, 1], shiny: 1}", "materials.wall.shiny", "an unknown key", "emissive"),
    (WALL, "wall: red", "materials.wall", "'red'", "a mapping"),
    (WALL, f"{WALL}\n  two words: {{color: [1, 1, 1]}}", "materials", "'two words'", "letters"),
    ("  floor: {color: [0.5, 0.4, 0.3]}\n", "", "materials.floor", "nothing", "a material"),
    ("  ceiling: {color: [1, 1, 1]}\n", "", "materials.ceiling", "nothing", "a material"),
    # the plan and its legend
    (ROW, "#.....,", "floorplan, row 1", "7 characters", "8"),
    (ROW, "#.....?#", "floorplan, row 1", "'?' in column 6", ". # , B o"),
    (ROW, "......,#", "floorplan", "row 1, column 0", "walls all around"),
    ("floorplan: |", "floorplan: ''\nplan: |", "floorplan", "no cells", "rows"),
    ("floorplan: |", "floorplan: 3\nplan: |", "floorplan", "3", "rows"),
    ("floorplan: |\n", f"floorplan: |\n  {50_000 * '#'}\n", "floorplan", "6 rows of up to 50000", "40000"),
    ("'#': {wall: wall}", "'#': {wall: brick}", "legend.#.wall", "'brick'", "wall, floor, ceiling, lamp"),
    ("'#': {wall: wall}", "'##': {wall: wall}", "legend", "'##'", "one character"),
    ("'#': {wall: wall}", "'.': {wall: wall}", "legend", "'.'", "one character"),
    ("'#': {wall: wall}", "'#': wall", "legend.#", "'wall'", "a mapping"),
    ("'#': {wall: wall}", "'#': {hedge: wall}", "legend.#", "nothing to build", "wall, block"),
    ("'#': {wall: wall}", "'#': {wall: wall, block: wall}", "legend.#", "wall and block", "one of"),
    ("'#': {wall: wall}", "'#': {wall: wall, height: 3}", "legend.#.height", "an unknown key", "wall"),
    ("{block: wall, height: 1.0,", "{block: wall,", "legend.B.height", "nothing", "a finite number"),
    ("height: 1.0", "height: 4.0", "legend.B.height", "4.0", "<= 3"),
    ("name: bench", "name: 'the bench'", "legend.B.name", "'the bench'", "letters"),
    ("cylinder: [0.3, 1.2]", "cylinder: [0.3]", "legend.o.cylinder", "[0.3]", "[radius, height]"),
    ("cylinder: [0.3, 1.2]", "cylinder: [0, 1.2]", "legend.o.cylinder", "[0, 1.2]", "from 0.001"),
    # objects
    (DESK, "{at: [9, 3], material: wall}", "objects[0]", "no shape", "box, cylinder, mesh"),
    (DESK, "{box: [1, 1, 1], mesh: a.obj, at: [9, 3], material: wall}", "objects[0]", "box and", "one of"),
    (DESK, "{box: [1, 1, 1], material: wall}", "objects[0].at", "nothing", "[x, y]"),
    (DESK, "{box: [1, 1, 1], at: [9], material: wall}", "objects[0].at", "[9]", "[x, y]"),
    (DESK, "{box: [1, 1, 1], at: [9, x], material: wall}", "objects[0].at", "'x'", "[x, y]"),
    (DESK, "{box: [1, 1, 1], at: [9, 3, 1e5], material: wall}", "objects[0].at", "100000", "10000"),
    (DESK, "{box: [1, 1, -1], at: [9, 3], material: wall}", "objects[0].box", "-1", "from 0.001"),
    (DESK, "{box: [1, 1, 1], at: [9, 3]}", "objects[0].material", "nothing", "one of wall"),
    (DESK, "{box: [1, 1, 1], at: [9, 3], material: wood}", "objects[0].material", "'wood'", "one of wall"),
    (DESK, f"{DESK}\n  - {DESK}", "objects[1].name", "'desk'", "no other thing has"),
    (DESK, "{box: [1, 1, 1], at: [9, 3], material: wall, name: 7}", "objects[0].name", "7", "letters"),
    ("yaw: 90", "yaw: 900", "objects[0].yaw", "900", "<= 360"),
    ("yaw: 90", "jaw: 90", "objects[0].jaw", "an unknown key", "yaw"),
    ("yaw: 90", "scale: 0", "objects[0].scale", "0", ">= 0.001"),
    ("rotation: [0, 0, 180]", "rotation: [0, 0]", "objects[2].rotation", "[0, 0]", "[roll, pitch, yaw]"),
    ("rotation: [0, 0, 180]", "rotation: [0, 0, 1], yaw: 1", "objects[2].yaw", "beside", "one of the two"),
    (f"objects:\n  - {DESK}", "objects:\n  - desk", "objects[0]", "'desk'", "a mapping"),
    # mesh files
    ("wedge.obj", "gone.obj", "objects[2].mesh", "No such file", "relative to the scene's"),
    ("wedge.obj", "hut.yaml", "objects[2].mesh", "hut.yaml", ".glb or .obj"),
    ("wedge.obj", "empty.obj", "objects[2].mesh", "0 triangles", "1 to 200000"),
    ("wedge.obj", "broken.glb", "objects[2].mesh", "broken.glb", "trimesh can read"),
    ("wedge.obj", "nan.obj", "objects[2].mesh", "not finite", "within 10000 m"),
    ("wedge.obj", "far.obj", "objects[2].mesh", "too far", "within 10000 m"),
    ("mesh: wedge.obj", "mesh: 3", "objects[2].mesh", "3", "a mesh file"),
    # lights
    (LIGHT, "{color: [1, 1, 1]}", "lights[0].at", "nothing", "[x, y, height]"),
    (LIGHT, "{at: [1, 1]}", "lights[0].at", "[1, 1]", "[x, y, height]"),
    (LIGHT, "{at: [1, 1, 1], power: -1}", "lights[0].power", "-1", ">= 0"),
    (LIGHT, "{at: [1, 1, 1], reach: 0}", "lights[0].reach", "0", ">= 0.001"),
    (LIGHT, "{at: [1, 1, 1], colour: [1, 1, 1]}", "lights[0].colour", "an unknown key", "color"),
    (LIGHT, "{at: [1, 1, 1], color: [1, 1, 2]}", "lights[0].color", "2", "from 0 to 1"),
    ("grid: [4, 1], at: 2.8", "grid: [4, 1], at: [1, 1, 1]", "lights[1].at", "a list of 3", "a finite"),
    ("grid: [4, 1]", "grid: 4", "lights[1].grid", "4", "[along x, along y]"),
    ("grid: [4, 1]", "grid: [0, 1]", "lights[1].grid", "[0, 1]", "from 1"),
    ("grid: [4, 1]", "grid: [1.5, 1]", "lights[1].grid", "1.5", "whole numbers"),
    ("grid: [4, 1]", "grid: [300, 300]", "lights[1].grid", "90000 lights", "at most 400"),
    ("lamp: lamp", "lamp: torch", "lights[1].lamp", "'torch'", "one of wall"),
    # starts
    (f"\n  - {START}", " []", "starts", "0 starts", "1 to 1000"),
    (f"starts:\n  - {START}\n", "", "starts", "nothing", "a list"),
    (START, "[5.0, 3.0, 1.5]", "starts[0]", "[5.0, 3.0, 1.5]", "yaw in degrees"),
    (START, "[5.0, 3.0, 1.5, .nan]", "starts[0]", "nan", "yaw in degrees"),
    (START, "[50.0, 3.0, 1.5, 0]", "starts[0]", "[50, 3, 1.5]", "x from 0 to 16"),
    (START, "[5.0, 3.0, 3.5, 0]", "starts[0]", "[5, 3, 3.5]", "height from 0 to 3"),
    (START, "[1.0, 1.0, 1.5, 0]", "starts[0]", "inside wall_", "0.25 m"),
    (START, "[5.0, 3.0, 0.2, 0]", "starts[0]", "0.05 m inside floor", "0.25 m"),
    (START, "[11.4, 7.0, 1.0, 0]", "starts[0]", "inside lamp_0", "0.25 m"),
    (START, f"{START}\n  - [9.0, 3.0, 0.5, 0]", "starts[1]", "inside desk", "0.25 m"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "key", "found", "allowed"), WRONG)
def test_one_line_says_what_is_wrong(folder, old, new, key, found, allowed):
    (folder / "empty.obj").write_text("")
    (folder / "broken.glb").write_bytes(b"glTF" + struct.pack("<II", 2, 1000) + b"nonsense")
    (folder / "nan.obj").write_text(WEDGE.replace("v 2 0 0", "v nan 0 0"))
    (folder / "far.obj").write_text(WEDGE.replace("v 2 0 0", "v 1e9 0 0"))
    assert old in SCENE
    path = folder / "hut.yaml"
    path.write_text(SCENE.replace(old, new, 1))
    with pytest.raises(InputError) as refusal:
        load_scene(path)
    error = refusal.value
    assert (error.where, error.key) == (str(path), key)
    assert found in str(error.found)
    assert allowed in error.allowed
    assert "\n" not in str(error)


@pytest.mark.parametrize(
    "text", ["", "[]", "3", "name: &a hut\ntitle: *a", "\0", "{", "name: hut\nname: hut"]
)
def test_no_scene_at_all_is_refused(tmp_path, text):
    path = tmp_path / "it.yaml"
    path.write_text(text)
    with pytest.raises(InputError):
        load_scene(path)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(InputError, match="No such file"):
        load_scene(tmp_path / "gone.yaml")


JUNK = [
    *(
        None,
        True,
        -1,
        0,
        0.5,
        3,
        1e300,
        math.nan,
        math.inf,
        10**400,
        "",
        "#",
        "wall",
        "x\ny",
        "a\0b",
        "../../etc",
    ),
    *([], [1], [[]], [1.0, 2.0, 3.0], [1, 2, 3, 4], {}, {"box": [1, 1, 1]}, {"at": [1, 1]}, {"grid": [2, 2]}),
]


def values_of(data, way=()):
    """The ways to all values in nested maps and lists."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [found for key, value in items for found in ((*way, key), *values_of(value, (*way, key)))]


@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_stands_in_a_scene_is_read_or_refused(folder, data):
    scene = read_document(folder / "hut.yaml")
    for _ in range(data.draw(st.integers(1, 3))):
        place, ways = scene, values_of(scene)
        *way, last = data.draw(st.sampled_from(ways))
        for key in way:
            place = place[key]
        place[last] = copy.deepcopy(data.draw(st.sampled_from(JUNK)))
    path = folder / "junk.yaml"
    path.write_text(write_document(scene))
    with contextlib.suppress(InputError):
        assert load_scene(path).bodies


def test_the_documented_example_is_read(tmp_path):
    import trimesh

    manual = (Path(dcpg_ros.__file__).parents[1] / "docs" / "scenes.md").read_text()
    path = tmp_path / "mine.yaml"
    path.write_text(manual.split("```yaml\n")[1].split("```")[0])
    trimesh.creation.box((0.5, 0.9, 0.5)).export(tmp_path / "chair.glb")
    scene = load_scene(path)
    assert_allclose(body(scene, "desk")[0].pose.position, [9, 3, -0.375])
    assert_allclose(scene.starts[0].pose.position, [3, 3, -1.5])
