"""AirSim's image types, from a frame to the bytes or floats that go over the wire."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dcpg_ros.core.compiled import fastest
from dcpg_ros.simulator.camera.frame import Frame
from dcpg_ros.simulator.camera.hashing import Floats
from dcpg_ros.simulator.geometry import Array

NOTHING = 65504.0  # m: the depth where nothing is; the largest half-precision number, as in AirSim
DEPTH_VIS_RANGE = 100.0  # m that DepthVis shows; what is farther is white
BASELINE = 0.25  # m between the two eyes of DisparityNormalized
PNG_LEVEL = 1  # of 9: fast

Colours = NDArray[np.uint8]  # (height, width, 3) red, green, blue


class ImageType(IntEnum):
    """AirSim's numbers."""

    SCENE = 0
    DEPTH_PLANAR = 1
    DEPTH_PERSPECTIVE = 2
    DEPTH_VIS = 3
    DISPARITY_NORMALIZED = 4
    SEGMENTATION = 5
    SURFACE_NORMALS = 6
    INFRARED = 7


@dataclass(frozen=True, eq=False)
class Picture:
    """What an image response holds: either ``data`` or ``floats``, or neither and a message."""

    width: int
    height: int
    data: bytes = b""  # a PNG, or blue, green, red for each pixel, row by row
    floats: Floats | None = None  # row by row; metres for depths, else within 0 to 1
    message: str = ""  # why there is no picture


def picture(frame: Frame, image_type: int, as_float: bool = False, compress: bool = False) -> Picture:
    """One image of a frame.

    Args:
        frame: the view.
        image_type: one of ``ImageType``.
        as_float: floats instead of bytes; of a colour picture they are its red part.
        compress: a PNG instead of raw bytes; has no effect on floats.

    Returns:
        An empty picture with a message for a type that is not modelled.
    """
    if image_type not in _COLOURS:
        return Picture(0, 0, message=f"image type {image_type} is not modelled")
    width, height = frame.lens.width, frame.lens.height
    kind = ImageType(image_type)
    if as_float:
        return Picture(width, height, floats=_floats(frame, kind))
    colours = _COLOURS[kind](frame)
    return Picture(width, height, data=_png(colours) if compress else fastest(backwards)(colours).tobytes())


def palette() -> NDArray[np.uint8]:
    """The colour of each segmentation id; (256, 3) red, green, blue, no two alike, 0 black.

    The colour map of the PASCAL VOC challenge: bits 0, 3, 6 of the id are the highest bits of red, from the
    highest down; bits 1, 4, 7 those of green; bits 2, 5 those of blue.
    """
    ids = np.arange(256)
    colours = np.zeros((256, 3), np.uint8)
    for bit in range(8):
        colours[:, bit % 3] |= (((ids >> bit) & 1) << (7 - bit // 3)).astype(np.uint8)
    return colours


def _floats(frame: Frame, kind: ImageType) -> Floats:
    if kind in _DEPTHS:
        depth = _DEPTHS[kind](frame)
        return np.where(np.isfinite(depth), depth, NOTHING).astype(np.float32).ravel()
    if kind in _SHARES:
        return _SHARES[kind](frame).astype(np.float32).ravel()
    return (_COLOURS[kind](frame)[..., 0] / np.float32(255)).astype(np.float32).ravel()


def _vis(depth: Array) -> Array:
    return np.minimum(depth / DEPTH_VIS_RANGE, 1)


def _disparity(frame: Frame) -> Array:
    """By how much of the picture's width a point moves from one eye to the other, at most 1."""
    ahead = BASELINE / (2 * math.tan(math.radians(frame.lens.fov_deg) / 2))  # at one metre
    return np.minimum(ahead / np.maximum(frame.planar, 1e-9), 1)


def grey(shares: Array) -> Colours:
    """Shares (height, width) of 0 to 1 from black to white."""
    bytes_ = (shares.astype(np.float32) * np.float32(255) + np.float32(0.5)).astype(np.uint8)
    return np.repeat(bytes_[..., None], 3, axis=2)


def backwards(colours: Colours) -> Colours:
    """Blue, green, red."""
    return np.ascontiguousarray(colours[..., ::-1])


def _segmentation(frame: Frame) -> Colours:
    return _PALETTE.take(frame.segmentation, axis=0)


def _normals(frame: Frame) -> Colours:
    """North, east and down as red, green and blue, from -1 to 1; grey where nothing is."""
    return np.ascontiguousarray(np.rint((frame.normals + 1) * 127.5).astype(np.uint8))


def _infrared(frame: Frame) -> Colours:
    return np.repeat(frame.segmentation[..., None], 3, axis=2)


def _png(colours: Colours) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(colours).save(buffer, "PNG", compress_level=PNG_LEVEL)
    return buffer.getvalue()


_PALETTE = palette()
_DEPTHS: dict[ImageType, Callable[[Frame], Array]] = {
    ImageType.DEPTH_PLANAR: lambda frame: frame.planar,
    ImageType.DEPTH_PERSPECTIVE: lambda frame: frame.distance,
}
_SHARES: dict[ImageType, Callable[[Frame], Array]] = {
    ImageType.DEPTH_VIS: lambda frame: _vis(frame.planar),
    ImageType.DISPARITY_NORMALIZED: _disparity,
}
_COLOURS: dict[int, Callable[[Frame], Colours]] = {
    ImageType.SCENE: lambda frame: frame.rgb,
    ImageType.DEPTH_PLANAR: lambda frame: fastest(grey)(_vis(frame.planar)),
    ImageType.DEPTH_PERSPECTIVE: lambda frame: fastest(grey)(_vis(frame.distance)),
    ImageType.DEPTH_VIS: lambda frame: fastest(grey)(_vis(frame.planar)),
    ImageType.DISPARITY_NORMALIZED: lambda frame: fastest(grey)(_disparity(frame)),
    ImageType.SEGMENTATION: _segmentation,
    ImageType.SURFACE_NORMALS: _normals,
    ImageType.INFRARED: _infrared,
}
