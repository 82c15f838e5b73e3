"""Pictures, and the cameras that take them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

import msgspec
import numpy as np

from dcpg_ros.simulator import geometry
from dcpg_ros.simulator.api.frames import BODY, Frame
from dcpg_ros.simulator.api.group import Group, local
from dcpg_ros.simulator.api.types import (
    CameraInfo,
    ImageRequest,
    ImageRequests,
    ImageResponse,
    Name,
    Number,
    Pose,
    ProjectionMatrix,
)
from dcpg_ros.simulator.camera import ImageType, Lens, picture
from dcpg_ros.simulator.flight.sensors import mounted
from dcpg_ros.simulator.rpc import RpcError, float32_array, rpc
from dcpg_ros.simulator.simulation import Camera

NEAR_M = 0.1  # AirSim's near plane, for its projection matrix
DISTORTIONS = ("K1", "K2", "K3", "P1", "P2")
NO_FLOATS = float32_array(np.empty(0))

FieldOfView = Annotated[float, msgspec.Meta(gt=0, lt=180)]


@dataclass(frozen=True, eq=False)
class Placed:
    """A camera, what carries it, and the frame in which its places are told."""

    camera: Camera
    carrier: geometry.Pose
    frame: Frame

    @cached_property
    def pose(self) -> geometry.Pose:
        """Where it is in the world now."""
        return mounted(self.camera.mount, self.carrier)

    @cached_property
    def pose_told(self) -> Pose:
        """The same on the wire."""
        return self.frame.to_pose(self.pose)


class Cameras(Group):
    """The cameras of the vehicles, and the external ones, which stand still from the player start."""

    @rpc("simGetImages")
    def get_images(
        self, requests: ImageRequests, vehicle_name: Name = "", external: bool = False
    ) -> list[ImageResponse]:
        """Pictures of one instant."""
        names = dict.fromkeys(request.camera_name for request in requests)
        placed = {name: self._placed(name, vehicle_name, external) for name in names}
        return [self._response(request, placed[request.camera_name]) for request in requests]

    @rpc("simGetImage")
    def get_image(
        self, camera_name: Name, image_type: int, vehicle_name: Name = "", external: bool = False
    ) -> bytes:
        """One picture as a PNG; empty for a type that there is none of."""
        request = ImageRequest(camera_name, image_type, compress=True)
        placed = self._placed(camera_name, vehicle_name, external)
        return self._response(request, placed).image_data_uint8

    @rpc("simGetCameraInfo")
    def get_camera_info(
        self, camera_name: Name, vehicle_name: Name = "", external: bool = False
    ) -> CameraInfo:
        """Where it is, and how wide it sees."""
        placed = self._placed(camera_name, vehicle_name, external)
        lens = placed.camera.lens(ImageType.SCENE)
        return CameraInfo(placed.pose_told, lens.fov_deg, ProjectionMatrix(_projection(lens)))

    @rpc("simSetCameraPose")
    def set_camera_pose(
        self, camera_name: Name, pose: Pose, vehicle_name: Name = "", external: bool = False
    ) -> None:
        """Mounts it elsewhere on its vehicle; a part of the pose that is all NaN stays."""
        camera = self._placed(camera_name, vehicle_name, external).camera
        camera.mount = BODY.pose(pose, camera.mount)

    @rpc("simSetCameraFov")
    def set_camera_fov(
        self, camera_name: Name, fov_degrees: FieldOfView, vehicle_name: Name = "", external: bool = False
    ) -> None:
        """Makes it see wider or narrower, for all image types; its pixels keep their shape."""
        self._placed(camera_name, vehicle_name, external).camera.set_fov(fov_degrees)

    @rpc("simGetDistortionParams")
    def get_distortion_params(
        self, camera_name: Name, vehicle_name: Name = "", external: bool = False
    ) -> list[float]:
        """What was set; the pictures have none."""
        return self._placed(camera_name, vehicle_name, external).camera.distortion

    @rpc("simSetDistortionParam")
    def set_distortion_param(
        self, camera_name: Name, param_name: Name, value: Number, vehicle_name: Name = "",
        external: bool = False,
    ) -> None:  # fmt: skip
        """Only remembered."""
        camera = self._placed(camera_name, vehicle_name, external).camera
        if param_name not in DISTORTIONS:
            raise RpcError(f"param_name: found {param_name!r}, allowed: one of {', '.join(DISTORTIONS)}")
        camera.distortion[DISTORTIONS.index(param_name)] = value

    @rpc("simAddDetectionFilterMeshName")
    def add_detection_filter_mesh_name(
        self, camera_name: Name, image_type: int, mesh_name: Name, vehicle_name: Name = "",
        external: bool = False,
    ) -> None:  # fmt: skip
        """Accepted: nothing is detected."""
        self._placed(camera_name, vehicle_name, external)

    @rpc("simSetDetectionFilterRadius")
    def set_detection_filter_radius(
        self, camera_name: Name, image_type: int, radius_cm: float, vehicle_name: Name = "",
        external: bool = False,
    ) -> None:  # fmt: skip
        """Accepted: nothing is detected."""
        self._placed(camera_name, vehicle_name, external)

    @rpc("simClearDetectionMeshNames")
    def clear_detection_mesh_names(
        self, camera_name: Name, image_type: int, vehicle_name: Name = "", external: bool = False
    ) -> None:
        """Accepted: nothing is detected."""
        self._placed(camera_name, vehicle_name, external)

    @rpc("simGetDetections")
    def get_detections(
        self, camera_name: Name, image_type: int, vehicle_name: Name = "", external: bool = False
    ) -> list[Any]:
        """Nothing is detected."""
        self._placed(camera_name, vehicle_name, external)
        return []

    def _placed(self, name: str, vehicle_name: str, external: bool) -> Placed:
        """A camera by name; raises RpcError if there is none."""
        if external:
            known, origin = self.simulation.cameras, self.frame.origin
            if name in known:
                return Placed(known[name], geometry.Pose(origin), self.frame)
            shown = ", ".join(known) or "none"
            raise RpcError(f"no external camera is called {name!r}; there are {shown}")
        drone = self.drone(vehicle_name)
        try:
            return Placed(drone.camera(name), drone.vehicle.pose, local(drone))
        except KeyError:
            shown = ", ".join(drone.cameras)
            raise RpcError(
                f"no camera is called {name!r} on {drone.vehicle.name}; there are {shown}"
            ) from None

    def _response(self, request: ImageRequest, placed: Placed) -> ImageResponse:
        frame = self.simulation.view(placed.pose, placed.camera.lens(request.image_type))
        image = picture(frame, request.image_type, request.pixels_as_float, request.compress)
        pose = placed.pose_told
        return ImageResponse(
            image_data_uint8=image.data,
            image_data_float=NO_FLOATS if image.floats is None else float32_array(image.floats),
            camera_position=pose.position,
            camera_name=request.camera_name,
            camera_orientation=pose.orientation,
            time_stamp=self.now_ns,
            message=image.message,
            pixels_as_float=request.pixels_as_float,
            compress=request.compress,
            width=image.width,
            height=image.height,
            image_type=request.image_type,
        )


def _projection(lens: Lens) -> list[list[float]]:
    """Clip coordinates of a point (forward, right, down, 1): near plane at depth 1, infinity at 0."""
    across = 2 / (lens.width * lens.pixel_width)
    upright = 2 / (lens.height * lens.pixel_height)
    return [
        [0.0, across, 0.0, 0.0],
        [0.0, 0.0, -upright, 0.0],
        [0.0, 0.0, 0.0, NEAR_M],
        [1.0, 0.0, 0.0, 0.0],
    ]
