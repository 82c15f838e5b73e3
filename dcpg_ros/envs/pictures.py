"""From the answer of simGetImages to what the policy sees and what the reward is made of."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dcpg_ros.core.errors import InputError
from dcpg_ros.scenario.drones import CameraSpec

CAMERA = "front_center"
SCENE, DEPTH_VIS = 0, 3  # AirSim's numbers of image types
REQUESTS = [
    {"camera_name": CAMERA, "image_type": kind, "pixels_as_float": False, "compress": False}
    for kind in (SCENE, DEPTH_VIS)
]

Picture = NDArray[np.uint8]  # (height, width, 3) red, green, blue
Depth = NDArray[np.uint8]  # (height, width), a byte is 100/255 m


def developed(responses: Any, camera: CameraSpec, vehicle: str) -> tuple[Picture, Depth]:
    """The picture as the policy sees it, and the depth in the size in which it was taken.

    Raises:
        InputError: if they are not what was asked for.
    """
    width, height = camera.captured or (camera.width, camera.height)
    if not isinstance(responses, (list, tuple)) or len(responses) != len(REQUESTS):
        raise _refusal(vehicle, "no pair of pictures", width, height)
    scene, depth = (_pixels(response, width, height, vehicle) for response in responses)
    picture = np.empty_like(scene)
    for channel in range(3):  # blue, green, red on the wire; several times as fast as ``scene[:, :, ::-1]``
        picture[:, :, channel] = scene[:, :, 2 - channel]
    if camera.captured is not None:
        picture = shrunk(picture, camera.width, camera.height)
    return picture, depth[:, :, 0].copy()


def _pixels(response: Any, width: int, height: int, vehicle: str) -> NDArray[np.uint8]:
    try:
        data, message = response["image_data_uint8"], response["message"]
        found = response["width"], response["height"]
    except (TypeError, LookupError):
        raise _refusal(vehicle, "no picture", width, height) from None
    if not isinstance(data, bytes) or len(data) != width * height * 3 or found != (width, height):
        size = f"{len(data)} bytes" if isinstance(data, bytes) else "no bytes"
        raise _refusal(vehicle, f"{found[0]} x {found[1]} pixels in {size} {message}".strip(), width, height)
    return np.frombuffer(data, np.uint8).reshape(height, width, 3)


def _refusal(vehicle: str, found: str, width: int, height: int) -> InputError:
    allowed = f"{width} x {height} pixels of 3 bytes, as the CaptureSettings in its settings.json have to say"
    return InputError(f"vehicle {vehicle}", f"camera {CAMERA}", found, allowed)


def shrunk(picture: NDArray[np.uint8], width: int, height: int) -> Picture:
    """The picture in another size, each pixel the mean over its area: out = D_h in D_w^T in each colour."""
    tall, wide = picture.shape[:2]
    rows = _overlaps(tall, height) @ picture.reshape(tall, -1).astype(np.float32)
    columns = _overlaps(wide, width) @ rows.reshape(height, wide, 3)  # one product for each row
    smaller: Picture = (columns + np.float32(0.5)).astype(np.uint8)
    return smaller


@lru_cache(maxsize=8)
def _overlaps(size: int, smaller: int) -> NDArray[np.float32]:
    """D, (smaller, size): the share that each pixel of the old line has in each of the new; rows sum to 1."""
    edges = np.linspace(0, size, smaller + 1)
    pixels = np.arange(size)
    covered = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    return (np.maximum(covered, 0) * (smaller / size)).astype(np.float32)
