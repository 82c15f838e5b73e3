"""A sphere among bodies, against distances computed another way and sampled densely along its way."""

import math
import time

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from dcpg_ros.simulator.geometry import Pose, quaternion, rotation
from dcpg_ros.simulator.scene import BodySpec, Box, Cylinder, Material, Mesh, Scene, Start
from dcpg_ros.simulator.world import World
from dcpg_ros.simulator.world.shapes import triangulated

RADIUS = 0.25
TOLERANCE = 1e-6
NORTH = np.array([1.0, 0.0, 0.0])


def world_of(*bodies):
    material = Material("grey", (0.5, 0.5, 0.5))
    return World(Scene("it", "It", (10, 10, 3), (material,), bodies, (), (1, 1, 1), None, (Start(Pose()),)))


def placed(name, shape, x=0.0, y=0.0, z=0.0, roll=0.0, pitch=0.0, yaw=0.0):
    return BodySpec(name, shape, Pose(np.array([x, y, z]), quaternion(roll, pitch, yaw)))


def box_distance(spec, points):
    """The signed distance (n,) of points (n, 3) to a box, in closed form."""
    local = (points - spec.pose.position) @ rotation(spec.pose.orientation)
    beyond = np.abs(local) - np.array(spec.shape.size) / 2
    return np.linalg.norm(np.maximum(beyond, 0), axis=-1) + np.minimum(beyond.max(axis=-1), 0)


def triangle_distance(triangle, point):
    """The distance of a point to a triangle, by the region of the plane that it lies over (Ericson 2005)."""
    a, b, c = triangle
    ab, ac, ap = b - a, c - a, point - a
    d1, d2 = ab @ ap, ac @ ap
    bp, cp = point - b, point - c
    d3, d4, d5, d6 = ab @ bp, ac @ bp, ab @ cp, ac @ cp
    vc, vb, va = d1 * d4 - d3 * d2, d5 * d2 - d1 * d6, d3 * d6 - d5 * d4
    if d1 <= 0 and d2 <= 0:
        nearest = a
    elif d3 >= 0 and d4 <= d3:
        nearest = b
    elif vc <= 0 <= d1 and d3 <= 0:
        nearest = a + d1 / (d1 - d3) * ab
    elif d6 >= 0 and d5 <= d6:
        nearest = c
    elif vb <= 0 <= d2 and d6 <= 0:
        nearest = a + d2 / (d2 - d6) * ac
    elif va <= 0 and d4 >= d3 and d5 >= d6:
        nearest = b + (d4 - d3) / (d4 - d3 + d5 - d6) * (c - b)
    else:
        nearest = a + (vb * ab + vc * ac) / (va + vb + vc)
    return np.linalg.norm(point - nearest)


coordinates = st.floats(-4, 4).map(lambda value: round(value, 3))  # rounded, so that faces and edges do align
points = st.tuples(coordinates, coordinates, coordinates).map(np.array)
lengths = st.floats(0.05, 4).map(lambda value: round(value, 2))
angles = st.sampled_from([0.0, math.pi / 2, 0.3, -1.2])
boxes = st.builds(
    placed, st.just("box"), st.builds(Box, st.tuples(lengths, lengths, lengths)),
    coordinates, coordinates, coordinates, angles, angles, angles,
)  # fmt: skip
rooms = st.lists(boxes, min_size=1, max_size=4)


@given(rooms, points, points)
def test_sweep_stops_where_the_distance_is_the_radius(specs, start, end):
    world = world_of(*specs)
    names = list(world.bodies)
    way = np.linspace(0, 1, 2001)
    along = start + way[:, None] * (end - start)
    gaps = np.array([box_distance(spec, along) for spec in specs])
    assume(gaps[:, 0].min() > RADIUS + TOLERANCE)
    contact = world.sweep(start, end, RADIUS)
    if contact is None:
        assert gaps.min() >= RADIUS - TOLERANCE
        return
    assert gaps[:, way < contact.fraction].min() >= RADIUS - TOLERANCE
    assert_allclose(contact.position, start + contact.fraction * (end - start))
    there = box_distance(specs[names.index(contact.body)], contact.position)
    assert there == pytest.approx(RADIUS, abs=TOLERANCE)
    assert np.linalg.norm(contact.normal) == pytest.approx(1)
    assert_allclose(contact.position - RADIUS * contact.normal, contact.point, atol=TOLERANCE)
    assert box_distance(specs[names.index(contact.body)], contact.point) == pytest.approx(0, abs=TOLERANCE)
    assert contact.normal @ (end - start) < 0
    assert contact.penetration == 0


@given(rooms, points, points)
def test_sweep_from_within_never_goes_deeper_into_anything(specs, start, end):
    world = world_of(*specs)
    contact = world.sweep(start, end, RADIUS)
    way = np.linspace(0, 1 if contact is None else contact.fraction, 501)
    for spec in specs:
        gaps = box_distance(spec, start + way[:, None] * (end - start))
        assert gaps.min() >= min(gaps[0], RADIUS) - TOLERANCE


@given(rooms, points)
def test_overlap_is_the_deepest_touch_and_its_normal_leads_out(specs, centre):
    world = world_of(*specs)
    gaps = np.array([box_distance(spec, centre) for spec in specs])
    contact = world.overlap(centre, RADIUS)
    if contact is None:
        assert gaps.min() > RADIUS
        return
    assert contact.penetration == pytest.approx(RADIUS - gaps.min(), abs=TOLERANCE)
    spec = specs[list(world.bodies).index(contact.body)]
    out = centre + (contact.penetration + 1e-3) * contact.normal
    assert box_distance(spec, out) == pytest.approx(RADIUS + 1e-3, abs=TOLERANCE)
    alone = world_of(spec)
    assert alone.sweep(centre, out, RADIUS) is None


@given(rooms, points, st.integers(0, 2**32 - 1), st.sampled_from([1e-4, 0.01, 0.4, 5.0, 50.0]))
def test_no_walk_ever_tunnels(specs, start, seed, length):
    assume(min(box_distance(spec, start) for spec in specs) > RADIUS)
    world, rng = world_of(*specs), np.random.default_rng(seed)
    for _ in range(20):
        towards = specs[rng.integers(len(specs))].pose.position - start
        step = towards + rng.normal(size=3)
        end = start + length * step / np.linalg.norm(step)
        contact = world.sweep(start, end, RADIUS)
        start = end if contact is None else contact.position
        assert min(box_distance(spec, start) for spec in specs) >= RADIUS - TOLERANCE


meshes = st.lists(st.tuples(points, points, points), min_size=1, max_size=5).map(np.array)


@given(meshes, points, points)
def test_sweep_against_triangles_by_brute_force(corners, start, end):
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    assume((area > 1e-2).all())
    triangles = np.arange(3 * len(corners), dtype=np.int32).reshape(-1, 3)
    world = world_of(placed("mesh", Mesh(corners.reshape(-1, 3), triangles)))

    def gap(part):
        return min(triangle_distance(triangle, start + part * (end - start)) for triangle in corners)

    assume(gap(0) > RADIUS + TOLERANCE)
    contact = world.sweep(start, end, RADIUS)
    before = np.linspace(0, 1 if contact is None else contact.fraction, 60)
    assert min(map(gap, before)) >= RADIUS - TOLERANCE
    if contact is not None:
        assert gap(contact.fraction) == pytest.approx(RADIUS, abs=TOLERANCE)


ROOM = world_of(
    placed("floor", Box((20, 20, 0.2)), z=0.1),
    placed("wall", Box((0.2, 20, 3)), x=3.1, z=-1.5),
    placed("pillar", Cylinder(0.5, 3.0), x=-2.0, z=-1.5),
)
WALL_X = 3.0 - RADIUS


def test_swept_move_stops_at_the_wall_with_its_normal_and_name():
    contact = ROOM.sweep(np.array([0, 0, -1.5]), np.array([10, 0, -1.5]), RADIUS)
    assert_allclose(contact.position, [WALL_X, 0, -1.5], atol=1e-9)
    assert_allclose(contact.normal, [-1, 0, 0], atol=1e-9)
    assert_allclose(contact.point, [3, 0, -1.5], atol=1e-9)
    assert (contact.body, contact.fraction) == ("wall", pytest.approx(WALL_X / 10))


@pytest.mark.parametrize("length", [1.0, 1e2, 1e4, 1e6])
def test_no_length_of_step_tunnels(length):
    contact = ROOM.sweep(np.array([0, 0, -1.5]), np.array([3 + length, 0.1, -1.5]), RADIUS)
    assert contact.body == "wall"
    assert contact.position[0] == pytest.approx(WALL_X, abs=1e-3)


def test_cylinder_is_touched_as_the_prism_it_is_drawn_as():
    contact = ROOM.sweep(np.array([-5, 0, -1.5]), np.array([0, 0, -1.5]), RADIUS)
    assert contact.body == "pillar"
    assert_allclose(contact.position, [-2.5 - RADIUS, 0, -1.5], atol=1e-3)


@pytest.mark.parametrize("move", [(0, 1, 0), (0, -1, 0.2), (-1, 0, 0), (-0.3, 0.5, -0.2), (0, 0, -1)])
def test_in_touch_moving_away_or_along_is_free(move):
    at_wall = np.array([WALL_X, 0, -1.5])
    assert ROOM.sweep(at_wall, at_wall + move, RADIUS) is None


@pytest.mark.parametrize("move", [(1, 0, 0), (1e-3, 1, 0), (1e-6, 0, 0)])
def test_in_touch_moving_in_is_stopped_where_it_is(move):
    at_wall = np.array([WALL_X, 0, -1.5])
    contact = ROOM.sweep(at_wall, at_wall + move, RADIUS)
    assert (contact.body, contact.fraction, contact.penetration) == ("wall", 0, pytest.approx(0, abs=1e-9))
    assert_allclose(contact.normal, [-1, 0, 0], atol=1e-9)


def test_many_tiny_steps_do_not_creep_in():
    place = np.array([WALL_X, 0, -1.5])
    for _ in range(500):
        step = place + 5e-8 * NORTH
        place = step if (contact := ROOM.sweep(place, step, RADIUS)) is None else contact.position
    assert place[0] <= WALL_X + TOLERANCE


def test_standing_on_the_floor_one_moves_along_it_and_over_its_seams():
    tiles = [placed("tile", Box((1, 1, 0.2)), x=x, y=y, z=0.1) for x in range(5) for y in range(3)]
    world = world_of(*tiles)
    assert world.sweep(np.array([0.1, 0.2, -RADIUS]), np.array([4, 1.9, -RADIUS]), RADIUS) is None
    assert world.overlap(np.array([0.1, 0.2, -RADIUS]), RADIUS).penetration == pytest.approx(0)


def test_deep_inside_is_told_and_left_by_the_nearest_face():
    centre = np.array([3.12, 0, -1.5])
    inside = ROOM.overlap(centre, RADIUS)
    assert inside.body == "wall"
    assert inside.penetration == pytest.approx(RADIUS + 0.08)
    assert_allclose(inside.normal, [1, 0, 0], atol=1e-9)
    assert ROOM.sweep(centre, centre + NORTH, RADIUS) is None
    assert ROOM.sweep(centre, centre - NORTH, RADIUS).fraction == 0


def test_inside_a_closed_mesh_counts_as_inside():
    vertices, triangles = triangulated(Box((2, 2, 2)))
    world = world_of(placed("rock", Mesh(vertices, triangles, closed=True)))
    contact = world.overlap(np.array([0.4, 0, 0]), RADIUS)
    assert contact.penetration == pytest.approx(RADIUS + 0.6)
    assert_allclose(contact.normal, [1, 0, 0], atol=1e-9)
    assert world.sweep(np.array([0.4, 0, 0]), np.array([3.0, 0, 0]), RADIUS) is None


def test_inside_an_open_mesh_is_free_and_its_walls_are_not():
    vertices, triangles = triangulated(Box((2, 2, 2)))
    world = world_of(placed("shell", Mesh(vertices, triangles[2:])))
    assert world.overlap(np.zeros(3), RADIUS) is None
    contact = world.sweep(np.zeros(3), 5 * NORTH, RADIUS)
    assert_allclose(contact.position, [1 - RADIUS, 0, 0], atol=1e-9)
    assert_allclose(contact.normal, [-1, 0, 0], atol=1e-9)


def test_no_way_at_all_meets_nothing():
    place = np.array([WALL_X, 0, -RADIUS])
    assert ROOM.sweep(place, place, RADIUS) is None


def test_a_world_without_bodies_is_free():
    assert world_of().sweep(np.zeros(3), np.ones(3), RADIUS) is None
    assert world_of().overlap(np.zeros(3), RADIUS) is None


def test_a_large_mesh_is_looked_at_near_the_way_only():
    x, y = np.meshgrid(np.arange(60), np.arange(60))
    ground = np.stack([x, y, 0.3 * np.sin(x + 2 * y)], axis=-1).reshape(-1, 3).astype(float)
    corner = (60 * y[:-1, :-1] + x[:-1, :-1]).ravel()
    quads = np.stack([corner, corner + 1, corner + 61, corner + 60], axis=1)
    triangles = quads[:, [0, 2, 1, 0, 3, 2]].reshape(-1, 3).astype(np.int32)
    world = world_of(placed("hills", Mesh(ground, triangles)))
    contact = world.sweep(np.array([30.2, 30.7, -5]), np.array([30.2, 30.7, 5]), RADIUS)
    gaps = [triangle_distance(triangle, contact.position) for triangle in ground[triangles]]
    assert min(gaps) == pytest.approx(RADIUS, abs=TOLERANCE)


@pytest.mark.parametrize(("count", "limit_s"), [(200, 1e-3), (10_000, 2e-3)])
def test_a_sweep_costs_little_whatever_the_number_of_bodies(count, limit_s):
    """Loosely, for slow machines; ``make bench`` measures it."""
    rng, side = np.random.default_rng(0), 4 * math.sqrt(count)
    places = rng.uniform(0, side, (count, 2))
    world = world_of(*(placed("box", Box((1, 1, 2)), x=x, y=y, z=-1.0) for x, y in places))
    starts = np.append(rng.uniform(0, side, (100, 2)), np.full((100, 1), -1.0), axis=1)
    world.sweep(starts[0], starts[1], RADIUS)
    spent = []
    for _ in range(3):
        before = time.process_time()
        for start in starts:
            world.sweep(start, start + 0.4 * NORTH, RADIUS)
        spent.append((time.process_time() - before) / len(starts))
    assert min(spent) < limit_s
