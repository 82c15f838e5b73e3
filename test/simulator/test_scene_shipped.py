"""The scenes that come with the package: worlds worth learning in."""

import itertools
from pathlib import Path

import numpy as np
import pytest

import dcpg_ros
from dcpg_ros.simulator.geometry import quaternion, rotation
from dcpg_ros.simulator.scene.loader import load_scene
from dcpg_ros.simulator.scene.scene import DRONE_RADIUS
from dcpg_ros.simulator.world import World

FOLDER = Path(dcpg_ros.__file__).parents[1] / "config" / "scenes"
INDOOR = ("indoor_frogeyes", "indoor_long", "indoor_techno", "indoor_twist")
STEP = 1.0  # m, between the places looked at
ROOM = 1.0  # m of clearance all around with which a drone can turn at leisure


def flooded(mask, seed):
    """The true cells that one gets to from one of them, side by side."""
    reached, edge = np.zeros_like(mask), [seed]
    while edge:
        row, column = edge.pop()
        inside = 0 <= row < mask.shape[0] and 0 <= column < mask.shape[1]
        if inside and mask[row, column] and not reached[row, column]:
            reached[row, column] = True
            edge += [(row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)]
    return reached


def reachable(world, clearance):
    """The places (rows, columns) that a drone with this clearance gets to at the first start's height."""
    start, (along_x, along_y, _) = world.scene.starts[0].pose.position, world.scene.size
    places_x, places_y = (np.arange(STEP / 2, along, STEP) for along in (along_x, along_y))
    free = [[not world.overlap((x, y, start[2]), clearance) for x in places_x] for y in places_y]
    return flooded(np.array(free), (int(start[1] / STEP), int(start[0] / STEP)))


def islands(reached):
    """How many separate obstacles one can fly around."""
    left, count = np.pad(~reached, 1, constant_values=True), -1  # the first is what is around it all
    while left.any():
        left &= ~flooded(left, tuple(np.argwhere(left)[0]))
        count += 1
    return count


def views(world):
    """How far one sees at each start: ahead, and 15 degrees to either side."""
    for start in world.scene.starts:
        ahead = np.array([rotation(quaternion(0, 0, yaw))[:, 0] for yaw in (-0.26, 0, 0.26)])
        origins = np.repeat(start.pose.position[None], 3, axis=0)
        yield world.cast(origins, ahead @ rotation(start.pose.orientation).T)[0]


@pytest.fixture(params=INDOOR)
def indoor(request):
    return World(load_scene(request.param))


def test_these_are_all():
    assert {path.stem for path in FOLDER.glob("*.yaml")} == {*INDOOR, "blocks"}


def test_indoor_scenes_have_room_to_fly_and_ways_around(indoor):
    assert reachable(indoor, DRONE_RADIUS).sum() * STEP**2 >= 300  # m2
    with_ease = reachable(indoor, ROOM)
    assert with_ease.sum() * STEP**2 >= 200
    assert islands(with_ease) >= 2  # ways that lead back to where they began: a flight need not end


def test_indoor_scenes_are_small_enough_to_draw_fast(indoor):
    assert 50 <= len(indoor.bodies) <= 200


def test_starts_look_into_the_open(indoor):
    assert len(indoor.scene.starts) >= 3
    for start in indoor.scene.starts:
        assert indoor.overlap(start.pose.position, ROOM) is None
    assert min(view.min() for view in views(indoor)) >= 4


def test_indoor_scenes_differ_in_their_light_and_in_the_colour_of_their_walls():
    scenes = [load_scene(name) for name in INDOOR]
    walls = [next(m for m in scene.materials if m.name == "wall") for scene in scenes]
    lights = [np.mean([light.color for light in scene.lights], axis=0) for scene in scenes]
    for look in ([wall.color for wall in walls], lights):
        apart = [np.abs(np.subtract(a, b)).max() for i, a in enumerate(look) for b in look[:i]]
        assert min(apart) > 0.1
    assert len({wall.texture for wall in walls}) >= 3


def test_the_yard_is_open_around_its_first_start():
    world = World(load_scene("blocks"))
    assert world.scene.sky is not None
    assert min(world.scene.size[:2]) >= 120
    start = world.scene.starts[0].pose.position
    assert start[2] == -DRONE_RADIUS
    assert world.overlap(start, DRONE_RADIUS).body == "floor"
    assert world.overlap(start - np.array([0, 0, 39]), 39) is None
    assert world.sweep(start, start + np.array([-10, 10, -10]), DRONE_RADIUS) is None


PATH = [(0, 0), (125, 0), (125, -130), (0, -130), (0, 0)]
SURVEY = [(0, 0), (-50, -50), (-50, 50), (50, 50), (50, -50), (0, 0)]


@pytest.mark.parametrize(("way", "height"), [(PATH, 5), (SURVEY, 20)])
def test_long_flights_as_of_airsims_examples_meet_nothing_in_the_yard(way, height):
    world = World(load_scene("blocks"))
    home = world.scene.starts[0].pose.position
    corners = [home + np.array([x, y, -height]) for x, y in way]
    assert {world.sweep(*leg, 1.0) for leg in itertools.pairwise(corners)} == {None}
