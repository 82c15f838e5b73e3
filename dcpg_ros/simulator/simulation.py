"""One simulation: a scene come alive, the drones in it with their cameras and sensors, and the time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from dcpg_ros.simulator.camera import Frame, Lens, Renderer
from dcpg_ros.simulator.flight.airspace import Airspace
from dcpg_ros.simulator.flight.clock import Clock
from dcpg_ros.simulator.flight.vehicle import Vehicle
from dcpg_ros.simulator.geometry import Pose
from dcpg_ros.simulator.markers import Markers
from dcpg_ros.simulator.scene import BodySpec, Mesh, Scene
from dcpg_ros.simulator.settings import (
    CAMERA_ALIASES,
    MOST_VEHICLES,
    CameraSettings,
    Settings,
    VehicleSettings,
)
from dcpg_ros.simulator.world import World
from dcpg_ros.simulator.world.room import check_room

LAMP = "PointLight"  # AirSim's name for a lamp among the objects
NOTHING = Mesh(np.empty((0, 3)), np.empty((0, 3), np.int32))  # the body of a lamp: it only has a place


class Camera:
    """A camera on a drone, or one that stands still; its mounting and field of view may change."""

    def __init__(self, settings: CameraSettings) -> None:
        self.mount = settings.mount
        self.distortion = [0.0] * 5  # K1, K2, K3, P1, P2: kept, not applied
        self._settings = settings
        self._fov_deg: float | None = None

    def lens(self, image_type: int) -> Lens:
        """The lens that pictures of a type are taken with."""
        lens = self._settings.lens(image_type)
        return lens if self._fov_deg is None else lens.zoomed(self._fov_deg)

    def set_fov(self, fov_deg: float) -> None:
        """Gives all its lenses another horizontal field of view; their pixels keep their shape."""
        self._fov_deg = fov_deg


@dataclass(frozen=True, eq=False)
class Drone:
    """A vehicle and what it carries."""

    vehicle: Vehicle
    cameras: dict[str, Camera]
    settings: VehicleSettings
    number: int  # in the order they were added

    def camera(self, name: str) -> Camera:
        """The camera of this name, or of one of AirSim's short ones; KeyError if there is none."""
        return self.cameras[name if name in self.cameras else CAMERA_ALIASES[name]]


class Simulation:
    """What the API acts on. Everything here is in the world's frame.

    Attributes:
        world: the bodies.
        renderer: what the cameras see of them.
        airspace: the vehicles, their clock and the wind.
        drones: by name, the default one first.
        cameras: those that no drone carries, by name; they stand still from the player start.
        markers: what clients have drawn.
    """

    def __init__(self, scene: Scene, settings: Settings | None = None, seed: int = 0) -> None:
        """Builds the world, bakes its light, and puts the drones at their starts.

        Raises:
            InputError: if the settings put a drone inside a body.
        """
        self.scene, self.settings, self.seed = scene, settings or Settings(), seed
        self.world = World(scene)
        for number, light in enumerate(scene.lights):
            self.world.add(BodySpec(f"{LAMP}_{number}", NOTHING, Pose(light.position)))
        self.renderer = Renderer(self.world)
        self.world.tracer = self.renderer
        self.airspace = Airspace(
            self.world, Clock(speed=self.settings.clock_speed), self.settings.vehicle_collisions
        )
        self.markers = Markers()
        self.drones: dict[str, Drone] = {}
        self.cameras = _built(self.settings.cameras)
        for vehicle in self.settings.vehicles:
            drone = self.add_drone(vehicle)
            place = drone.vehicle.pose.position
            check_room(self.world, place, "settings", f"Vehicles.{vehicle.name}")

    @property
    def player_start(self) -> Pose:
        """The scene's first start, from which AirSim counts places that belong to no vehicle."""
        return self.scene.starts[0].pose

    def add_drone(self, settings: VehicleSettings) -> Drone:
        """Puts a drone where its settings say, or else at the next of the scene's starts.

        Raises:
            ValueError: if there are too many, or one of this name.
        """
        number = len(self.drones)
        if settings.name in self.drones:
            raise ValueError(f"a vehicle called {settings.name} is there already")
        if number >= MOST_VEHICLES:
            raise ValueError(f"more than {MOST_VEHICLES} vehicles")
        start = self.scene.starts[number % len(self.scene.starts)].pose
        position, orientation = start.position, start.orientation
        if settings.position is not None:
            position = self.player_start.position + settings.position
        if settings.orientation is not None:
            orientation = settings.orientation
        vehicle = self.airspace.add(settings.name, Pose(position, orientation))
        self.drones[settings.name] = Drone(vehicle, _built(settings.cameras), settings, number)
        return self.drones[settings.name]

    def view(self, pose: Pose, lens: Lens) -> Frame:
        """What a camera at a pose sees now; requests at one pose share one trace."""
        return self.renderer.frame(pose, lens)

    def noise(self, drone: Drone, sensor: int) -> np.random.Generator:
        """The random numbers of one sensor at this instant: the same whenever it is read again."""
        key = (drone.number, sensor, self.airspace.clock.now_ns)
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=key))

    def reset(self) -> None:
        """Puts every drone back to its start, as new, with its cameras as they were."""
        self.airspace.reset()
        for drone in self.drones.values():
            drone.cameras.update(_built(drone.settings.cameras))
        self.cameras = _built(self.settings.cameras)


def _built(settings: Mapping[str, CameraSettings]) -> dict[str, Camera]:
    return {name: Camera(camera) for name, camera in settings.items()}
