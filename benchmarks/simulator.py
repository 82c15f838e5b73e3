"""The simulator: through the real ``airsim`` client, and a training step through a link in one process."""

from __future__ import annotations

import json
import math
import multiprocessing
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import msgspec
import numpy as np

from benchmarks.camera import frame_ms
from benchmarks.table import markdown
from dcpg_ros.scenario.document import write_document
from dcpg_ros.simulator.camera import Lens, Renderer
from dcpg_ros.simulator.direct import DirectLink
from dcpg_ros.simulator.scene.loader import load_scene
from dcpg_ros.simulator.settings_file import load_settings
from dcpg_ros.simulator.simulation import Simulation
from dcpg_ros.simulator.world import World
from experiments.common import COLOURS, panels, save_figure

SIZES = {(48, 48): None, (103, 103): 200.0, (320, 180): 50.0}  # pixels -> both kinds a second asked for
STEPS_MS = {32: 0.45, 48: 0.6, 64: None, 103: None}  # pixels a side -> ms asked for a step in one process
FOV_DEG = 80.0
BOXES = 192  # and floor, ceiling and four walls
SIDE = 40  # cells of a metre
PING_MS, START_S = 0.2, 3.0
SECONDS = 3.0
VEHICLES = (1, 2, 4, 8, 16)
CLOCK_SPEED = 1.0


def hall(folder: Path) -> Path:
    """A scene file: a square hall with boxes at random places, but for its middle."""
    random = np.random.default_rng(0)
    boxes: list[dict[str, Any]] = []
    while len(boxes) < BOXES:
        x, y = random.uniform(2, SIDE - 2, 2)
        if math.hypot(x - SIDE / 2, y - SIDE / 2) > 3:
            width, depth, height = random.uniform((0.3, 0.3, 0.5), (0.9, 0.9, 2.6))
            at = [float(x), float(y), float(height) / 2]
            boxes.append({"box": [float(width), float(depth), float(height)], "at": at, "material": "box"})
    edge, row = "#" * SIDE, "#" + "." * (SIDE - 2) + "#"
    scene = {
        "name": "hall",
        "cell": 1.0,
        "height": 3.0,
        "ambient": [0.3, 0.3, 0.3],
        "materials": {
            name: {"color": [0.7, 0.5, 0.4], "texture": "bricks"}
            for name in ("wall", "floor", "ceiling", "box")
        },
        "floorplan": "\n".join([edge, *[row] * (SIDE - 2), edge]) + "\n",
        "legend": {"#": {"wall": "wall"}},
        "lights": {"grid": [4, 4], "color": [1.0, 0.9, 0.8], "power": 0.8, "reach": 4.0, "at": 2.8},
        "objects": boxes,
        "starts": [[SIDE / 2, SIDE / 2, 1.5, 0]],
    }
    path = folder / "hall.yaml"
    path.write_text(write_document(scene))
    return path


def settings(folder: Path, width: int = 103, height: int = 103, vehicles: int = 1) -> Path:
    """AirSim's settings.json: the camera's pixels, and so many drones, four in a row."""
    capture = {"Width": width, "Height": height, "FOV_Degrees": FOV_DEG}
    content = {
        "SettingsVersion": 1.2,
        "SimMode": "Multirotor",
        "CameraDefaults": {"CaptureSettings": [{"ImageType": kind, **capture} for kind in (0, 3)]},
        "Vehicles": {
            f"drone_{number}": {"VehicleType": "SimpleFlight", "X": number // 4 - 1.5, "Y": number % 4 - 1.5}
            for number in range(vehicles)
        },
    }
    path = folder / f"settings_{width}_{vehicles}.json"
    path.write_text(json.dumps(content))
    return path


@contextmanager
def served(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], Any, float]]:
    """A simulator of its own, a client of it, and the seconds from its start to its first answer."""
    import airsim

    command = [sys.executable, "-m", "dcpg_ros.cli.main", "simulator", "--port", "0", *arguments]
    began = time.perf_counter()
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        port = re.search(r":(\d+),", server.stdout.readline())
        assert port, "the simulator did not start"
        client = airsim.MultirotorClient(port=int(port[1]))
        client.ping()
        yield server, client, time.perf_counter() - began
    finally:
        server.terminate()
        server.wait(30)


@contextmanager
def one_core() -> Iterator[None]:
    """This process and those it starts share one core, as the bounds ask: none is woken for each call."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def bare_ping_ms() -> float:
    """The bound of a ping: the same client, answered by a process that can do nothing else; ms."""
    import airsim

    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        answerer = multiprocessing.get_context("fork").Process(target=_answer_pings, args=(listener,))
        answerer.start()
    client = airsim.MultirotorClient(port=port)
    times = repeat(lambda _: client.ping(), 1.0)
    answerer.terminate()
    answerer.join()
    return median(times) * 1e3


def _answer_pings(listener: socket.socket) -> None:
    connection, _ = listener.accept()
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while request := connection.recv(4096):
        connection.sendall(msgspec.msgpack.encode([1, msgspec.msgpack.decode(request)[1], None, True]))


def cpu_s(server: subprocess.Popen[str]) -> float:
    """CPU time of a process so far."""
    fields = Path(f"/proc/{server.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def repeat(
    work: Callable[[int], object], seconds: float = SECONDS, clock: Callable[[], float] = time.perf_counter
) -> list[float]:
    """How long each of many calls takes by a clock, s."""
    end, times = clock() + seconds, []
    while (began := clock()) < end:
        work(len(times))
        times.append(clock() - began)
    return times


def pictures(folder: Path, scene: Path, width: int, height: int) -> list[object]:
    """A row: RGB and DepthVis of a new pose each time, by one client."""
    import airsim

    lens = Lens(width, height, FOV_DEG)
    alone, _ = frame_ms(Renderer(World(load_scene(scene))), lens)
    kinds = [airsim.ImageRequest("front_center", kind, False, False) for kind in (0, 3)]
    options = ["--settings", str(settings(folder, width, height))]
    with served("--scene", str(scene), *options) as (server, client, _):

        def both(number: int) -> None:
            place, attitude = airsim.Vector3r(0.001 * number, 0, 0), airsim.to_quaternion(0, 0, 0.1 * number)
            client.simSetVehiclePose(airsim.Pose(place, attitude), True)
            rgb, depth = client.simGetImages(kinds)
            assert len(rgb.image_data_uint8) == len(depth.image_data_uint8) == width * height * 3

        both(0)
        before = cpu_s(server)
        times = repeat(both)
        cpu_ms = (cpu_s(server) - before) / len(times) * 1e3
    rate, asked = 1 / median(times), SIZES[width, height]
    against = [asked, rate / asked] if asked else ["", ""]
    return [f"{width} x {height}", rate, *against, cpu_ms, alone, alone / (1e3 / rate)]


def steps(folder: Path, scene: Path, side: int) -> list[object]:
    """A row: what a training step costs in one process, each at a new place within a metre or so.

    It sets a pose minding collisions, and asks for the collision, the pose, RGB and DepthVis.
    """
    link = DirectLink(Simulation(load_scene(scene), load_settings(settings(folder, side, side))))
    kinds = [
        {"camera_name": "front_center", "image_type": kind, "pixels_as_float": False, "compress": False}
        for kind in (0, 3)
    ]
    poses = []
    for x, y, z, half in np.random.default_rng(0).uniform(-1, 1, (1000, 4)).tolist():
        attitude = {"w_val": math.cos(3 * half), "x_val": 0.0, "y_val": 0.0, "z_val": math.sin(3 * half)}
        poses.append({"position": {"x_val": x, "y_val": y, "z_val": z / 2}, "orientation": attitude})

    def step(number: int) -> None:
        link.call("simSetVehiclePose", poses[number % len(poses)], False, "drone_0")
        link.call("simGetCollisionInfo", "drone_0")
        link.call("simGetVehiclePose", "drone_0")
        link.call("simGetImages", kinds, "drone_0")

    for number in range(20):  # what is compiled is read
        step(number)
    times = np.array(repeat(step, clock=time.process_time)) * 1e3
    least, middle = (float(np.percentile(times, part)) for part in (10, 50))
    return [f"{side} x {side}", middle, least, STEPS_MS[side] or "", 1e3 / middle]


def flying(folder: Path, scene: Path, vehicles: int) -> list[object]:
    """A row: what so many drones cost that fly slowly and turn, and a picture meanwhile."""
    import airsim

    options = ["--settings", str(settings(folder, vehicles=vehicles)), "--clock-speed", str(CLOCK_SPEED)]
    with served("--scene", str(scene), *options) as (server, client, started_s):
        names = client.listVehicles()
        for name in names:
            client.enableApiControl(True, name)
            client.moveByVelocityAsync(0.03, 0, 0, 600, yaw_mode=airsim.YawMode(True, 60), vehicle_name=name)
        kind = [airsim.ImageRequest("front_center", 0, False, False)]
        client.ping()
        before, began = cpu_s(server), time.perf_counter()
        time.sleep(SECONDS)
        share = (cpu_s(server) - before) / ((time.perf_counter() - began) * CLOCK_SPEED)
        times = repeat(lambda number: client.simGetImages(kind, vehicle_name=names[number % len(names)]))
    return [vehicles, share * 1e3, share * 1e3 / vehicles, 1 / median(times), started_s]


def vehicles_figure(rows: Sequence[Sequence[Any]]) -> None:
    """Cost over the number of vehicles: docs/figures/simulator_vehicles.png."""
    figure, (flight, camera) = panels(2)
    count, cost, _, rate, _ = zip(*rows, strict=True)
    flight.plot(count, cost, "o-", color=COLOURS[0])
    flight.set(title="all fly", ylabel="CPU ms for a simulated second", ylim=(0, None))
    camera.plot(count, rate, "o-", color=COLOURS[1])
    camera.set(title="pictures taken meanwhile", ylabel="RGB 103 x 103 a second", ylim=(0, None))
    for axes in (flight, camera):
        axes.set(xlabel="vehicles", xticks=count)
    save_figure("simulator_vehicles", figure)


def report() -> str:
    """The tables; draws the figure."""
    with tempfile.TemporaryDirectory() as name, one_core():
        folder = Path(name)
        scene, bare_ms = hall(folder), bare_ping_ms()
        with served("--scene", str(scene)) as (_, client, started_s):
            ping_ms = median(repeat(lambda _: client.ping())) * 1e3
        rows = [pictures(folder, scene, *size) for size in SIZES]
        fleet = [flying(folder, scene, vehicles) for vehicles in VEHICLES]
        direct = [steps(folder, scene, side) for side in STEPS_MS]
    vehicles_figure(fleet)
    header = ["pixels", "CPU ms a step", "at most, of the fastest tenth", "bound", "steps a second"]
    own = markdown("A training step through a link in one process", header, direct)
    header = ["pixels", "RGB + DepthVis a second", "asked", "ratio", "CPU ms of the server each"]
    header += ["rendering alone, CPU ms", "rendering's share of the time"]
    table = markdown(f"Through the airsim client, a new pose each time, {BOXES + 6} boxes", header, rows)
    words = f"Client and server share one core. Ping {ping_ms:.3f} ms (bound: {PING_MS}; "
    words += f"of a bare answerer {bare_ms:.3f}); "
    words += f"start to first answer {started_s:.2f} s (bound: {START_S})."
    header = ["vehicles", "all fly: CPU ms for a simulated second", "for each"]
    header += ["RGB 103 x 103 a second meanwhile", "start, s"]
    return f"{table}\n{words}\n\n{own}\n{markdown('Many vehicles', header, fleet)}"
