"""Pictures, and the cameras that take them."""

from __future__ import annotations

import math
from typing import Annotated, Any

import msgspec
import numpy as np

from dcpg_ros.simulator.api.frames import Frame
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
from dcpg_ros.simulator.rpc import RpcError, float32_array, rpc
from dcpg_ros.simulator.simulation import Drone

NEAR_M = 0.1  # AirSim's near plane, for its projection matrix
DISTORTIONS = ("K1", "K2", "K3", "P1", "P2")
NO_FLOATS = float32_array(np.empty(0))
BODY = Frame(np.zeros(3))  # a mounting counts from the body itself

FieldOfView = Annotated[float, msgspec.Meta(gt=0, lt=180)]


class Cameras(Group):
    """Every camera belongs to a vehicle; there are no external ones."""

    @rpc("simGetImages")
    def get_images(
        self, requests: ImageRequests, vehicle_name: Name = "", external: bool = False
    ) -> list[ImageResponse]:
        """Pictures of one instant."""
        drone = self.drone(vehicle_name)
        return [self._response(drone, request, external) for request in requests]

    @rpc("simGetImage")
    def get_image(
        self, camera_name: Name, image_type: int, vehicle_name: Name = "", external: bool = False
    ) -> bytes:
        """One picture as a PNG; empty for a type that there is none of."""
        drone = self.drone(vehicle_name)
        request = ImageRequest(camera_name, image_type, compress=True)
        return self._response(drone, request, external).image_data_uint8

    @rpc("simGetCameraInfo")
    def get_camera_info(
        self, camera_name: Name, vehicle_name: Name = "", external: bool = False
    ) -> CameraInfo:
        """Where it is, and how wide it sees."""
        drone = self.drone(vehicle_name)
        camera = self.camera(drone, camera_name, external)
        lens = camera.lens(ImageType.SCENE)
        pose = self.simulation.camera_pose(drone, camera)
        return CameraInfo(local(drone).to_pose(pose), lens.fov_deg, ProjectionMatrix(_projection(lens)))

    @rpc("simSetCameraPose")
    def set_camera_pose(
        self, camera_name: Name, pose: Pose, vehicle_name: Name = "", external: bool = False
    ) -> None:
        """Mounts it elsewhere on its vehicle; a part of the pose that is all NaN stays."""
        camera = self.camera(self.drone(vehicle_name), camera_name, external)
        camera.mount = BODY.pose(pose, camera.mount)

    @rpc("simSetCameraFov")
    def set_camera_fov(
        self, camera_name: Name, fov_degrees: FieldOfView, vehicle_name: Name = "", external: bool = False
    ) -> None:
        """Makes it see wider or narrower, for all image types."""
        self.camera(self.drone(vehicle_name), camera_name, external).set_fov(fov_degrees)

    @rpc("simGetDistortionParams")
    def get_distortion_params(
        self, camera_name: Name, vehicle_name: Name = "", external: bool = False
    ) -> list[float]:
        """What was set; the pictures have none."""
        return self.camera(self.drone(vehicle_name), camera_name, external).distortion

    @rpc("simSetDistortionParam")
    def set_distortion_param(
        self, camera_name: Name, param_name: Name, value: Number, vehicle_name: Name = "",
        external: bool = False,
    ) -> None:  # fmt: skip
        """Only remembered."""
        camera = self.camera(self.drone(vehicle_name), camera_name, external)
        if param_name not in DISTORTIONS:
            raise RpcError(f"param_name: found {param_name!r}, allowed: one of {', '.join(DISTORTIONS)}")
        camera.distortion[DISTORTIONS.index(param_name)] = value

    @rpc("simAddDetectionFilterMeshName")
    def add_detection_filter_mesh_name(
        self, camera_name: Name, image_type: int, mesh_name: Name, vehicle_name: Name = "",
        external: bool = False,
    ) -> None:  # fmt: skip
        """Accepted: nothing is detected."""
        self.camera(self.drone(vehicle_name), camera_name, external)

    @rpc("simSetDetectionFilterRadius")
    def set_detection_filter_radius(
        self, camera_name: Name, image_type: int, radius_cm: float, vehicle_name: Name = "",
        external: bool = False,
    ) -> None:  # fmt: skip
        """Accepted: nothing is detected."""
        self.camera(self.drone(vehicle_name), camera_name, external)

    @rpc("simClearDetectionMeshNames")
    def clear_detection_mesh_names(
        self, camera_name: Name, image_type: int, vehicle_name: Name = "", external: bool = False
    ) -> None:
        """Accepted: nothing is detected."""
        self.camera(self.drone(vehicle_name), camera_name, external)

    @rpc("simGetDetections")
    def get_detections(
        self, camera_name: Name, image_type: int, vehicle_name: Name = "", external: bool = False
    ) -> list[Any]:
        """Nothing is detected."""
        self.camera(self.drone(vehicle_name), camera_name, external)
        return []

    def _response(self, drone: Drone, request: ImageRequest, external: bool) -> ImageResponse:
        camera = self.camera(drone, request.camera_name, external)
        frame = self.simulation.view(drone, camera, request.image_type)
        image = picture(frame, request.image_type, request.pixels_as_float, request.compress)
        pose = local(drone).to_pose(frame.pose)
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
    across = 1 / math.tan(math.radians(lens.fov_deg) / 2)
    upright = across * lens.width / lens.height
    return [
        [0.0, across, 0.0, 0.0],
        [0.0, 0.0, -upright, 0.0],
        [0.0, 0.0, 0.0, NEAR_M],
        [1.0, 0.0, 0.0, 0.0],
    ]
