"""What a picture costs: RGB and depth of one pose, against the bare ray casts; start-up; many objects."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import numpy as np
from embreex.mesh_construction import TriangleMesh
from embreex.rtcore_scene import EmbreeScene

from benchmarks.table import markdown
from dcpg_ros.simulator.camera import Lens, Renderer
from dcpg_ros.simulator.camera.lens import world_rays
from dcpg_ros.simulator.geometry import Pose, quaternion
from dcpg_ros.simulator.scene import BodySpec, Box, Light, Material, Scene, Start
from dcpg_ros.simulator.world import World
from experiments.common import COLOURS, GREY, panels, save_figure

LENSES = (Lens(48, 48, 80), Lens(64, 64, 80), Lens(103, 103, 80), Lens(320, 180, 80))
MANY = Lens(103, 103, 80)
BOUNDS_MS = {103: 3.0, 320: 18.0}
OBJECTS = (10, 30, 100, 200, 1000, 3000, 10_000)
GROUND = 6.0  # m² for each object
REPEATS = 12
MATERIALS = (
    Material("floor", (0.5, 0.4, 0.3), "planks"),
    Material("ceiling", (0.9, 0.9, 0.9), "tiles"),
    Material("box", (0.7, 0.4, 0.3), "bricks"),
    Material("crate", (0.3, 0.5, 0.6), "metal"),
)


def hall(objects: int) -> World:
    """A hall with lamps and so many boxes in all, six of which are its floor, ceiling and walls."""
    random = np.random.default_rng(objects)
    side, high = math.sqrt(GROUND * objects) + 4, 3.0
    slabs = [((side, side, 0.2), (0, 0, 0.1), 0), ((side, side, 0.2), (0, 0, -high - 0.1), 1)]
    for sign in (-1, 1):
        slabs.append(((0.2, side, high), (sign * side / 2, 0, -high / 2), 2))
        slabs.append(((side, 0.2, high), (0, sign * side / 2, -high / 2), 2))
    while len(slabs) < objects:
        size = random.uniform((0.2, 0.2, 0.3), (0.9, 0.9, 2.6))
        x, y = random.uniform(-side / 2, side / 2, 2)
        if math.hypot(x, y) > 1.5:  # the cameras look from the middle
            slabs.append((tuple(size), (x, y, -size[2] / 2), 2 + len(slabs) % 2))
    bodies = [
        BodySpec(f"box_{number}", Box(size), Pose(np.array(centre, float)), material)
        for number, (size, centre, material) in enumerate(slabs)
    ]
    spots = (np.arange(4) - 1.5) * side / 4
    lights = [Light(np.array([x, y, -2.8]), (1.0, 0.9, 0.8), 0.8, 3.5) for x in spots for y in spots]
    start = Start(Pose(np.array([0, 0, -1.5])))
    return World(
        Scene(
            "hall",
            "A hall",
            (side, side, high),
            MATERIALS,
            tuple(bodies),
            tuple(lights),
            (0.3,) * 3,
            None,
            (start,),
        )
    )


def cpu_ms(work: Callable[[], object]) -> float:
    """The least CPU time of several runs: what else the machine does only adds to it."""
    best = math.inf
    for _ in range(REPEATS):
        started = time.process_time()
        work()
        best = min(best, time.process_time() - started)
    return best * 1e3


def views(height: float = -1.5) -> list[Pose]:
    """Four looks around from the middle, new ones at each call so that no frame is kept from the last."""
    shift = np.array([*np.random.default_rng(time.process_time_ns()).uniform(-0.3, 0.3, 2), height])
    return [Pose(shift, quaternion(0, 0, yaw)) for yaw in (0.2, 1.8, 3.4, 5.0)]


def frame_ms(renderer: Renderer, lens: Lens) -> tuple[float, float]:
    """RGB and planar depth of a pose, and the trace alone (with the rays' turning); ms."""

    def whole() -> None:
        for pose in views():
            frame = renderer.frame(pose, lens)
            frame.rgb, frame.planar  # noqa: B018

    def trace() -> None:
        for pose in views():
            renderer.frame(pose, lens)

    return cpu_ms(whole) / 4, cpu_ms(trace) / 4


def bare_ms(world: World, lens: Lens) -> float:
    """Embree's own time for the same rays, ready-made: the bound; ms."""
    soup, scene = world.soup(), EmbreeScene(robust=True)
    TriangleMesh(scene, soup.vertices.astype(np.float32), soup.triangles)
    looks = [
        (np.broadcast_to(pose.position.astype(np.float32), (lens.width * lens.height, 3)), rays)
        for pose in views()
        for rays in [np.ascontiguousarray(world_rays(lens, pose.orientation).T.astype(np.float32))]
    ]
    return cpu_ms(lambda: [scene.run(origins, rays, output=True) for origins, rays in looks]) / 4


def objects_figure(rows: list[list[object]]) -> None:
    """Cost over the number of objects: docs/figures/simulator_objects.png."""
    figure, (frames, start) = panels(2)
    count, whole, bare, bake, moved = np.array(rows, dtype=float).T
    frames.plot(count, whole, "o-", color=COLOURS[0], label="RGB + depth")
    frames.plot(count, bare, "o-", color=GREY, label="bare Embree")
    frames.set(title="a picture, 103 x 103", ylabel="CPU ms", ylim=(0, None))
    start.plot(count, bake, "o-", color=COLOURS[1], label="start: all light baked")
    start.plot(count, moved / 1e3, "o-", color=COLOURS[2], label="one body moved")
    start.set(title="start and change", ylabel="CPU s", yscale="log")
    for axes in (frames, start):
        axes.set(xlabel="objects", xscale="log")
        axes.legend()
    save_figure("simulator_objects", figure)


def started(world: World) -> tuple[Renderer, float]:
    """A renderer, and the seconds of CPU that its start took."""
    began = time.process_time()
    return Renderer(world), time.process_time() - began


def moved_ms(world: World, renderer: Renderer) -> float:
    """What it costs to follow one body that moves; ms."""
    name = list(world.bodies)[-1]

    def move() -> None:
        world.move(name, world.bodies[name].pose)
        renderer.tracer  # noqa: B018

    return cpu_ms(move)


def report() -> str:
    """Both tables; draws the figure."""
    world = hall(200)
    renderer, bake = started(world)
    rows: list[list[object]] = []
    for lens in LENSES:
        whole, trace = frame_ms(renderer, lens)
        bound = BOUNDS_MS.get(lens.width, "")
        rows.append(
            [f"{lens.width} x {lens.height}", whole, trace, whole - trace, bare_ms(world, lens), bound]
        )
    header = ["pixels", "RGB + depth, CPU ms", "trace", "shading and depth", "bare Embree", "bound"]
    table = markdown("A picture of a world of 200 boxes, on one core", header, rows)
    rows = []
    for objects in OBJECTS:
        world = hall(objects)
        renderer, bake_s = started(world)
        whole, _ = frame_ms(renderer, MANY)
        rows.append([objects, whole, bare_ms(world, MANY), bake_s, moved_ms(world, renderer)])
    objects_figure(rows)
    header = [
        "boxes",
        "RGB + depth at 103 x 103, CPU ms",
        "bare Embree",
        "start, CPU s",
        "one body moved, CPU ms",
    ]
    many = markdown("Many objects", header, rows)
    return f"{table}\nStart with 200 boxes, light baked: {bake:.2f} s of CPU.\n\n{many}"
