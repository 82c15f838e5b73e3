"""What a camera sees from one pose: one trace, from which everything else is worked out when asked for."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dcpg_ros.simulator.camera.lens import Lens, body_rays, world_rays
from dcpg_ros.simulator.camera.lightmap import Lightmap
from dcpg_ros.simulator.camera.shading import Shader
from dcpg_ros.simulator.camera.surface import Surface
from dcpg_ros.simulator.camera.tracer import Hits, Tracer
from dcpg_ros.simulator.geometry import Array, Pose
from dcpg_ros.simulator.world import World

FRAMES_KEPT = 8  # the cameras that a client asks for at one pose
PIXELS_KEPT = 2_000_000  # in all frames, or just the latest: memory is bounded at any resolution


class Frame:
    """The view from a pose. Pictures are (height, width), rows from the top."""

    def __init__(
        self, pose: Pose, lens: Lens, world: World, tracer: Tracer, surface: Surface, shader: Shader
    ) -> None:
        self.pose, self.lens = pose, lens
        self._world, self._tracer, self._surface, self._shader = world, tracer, surface, shader
        self._origin = np.asarray(pose.position, dtype=float).reshape(3, 1)
        self._rays = world_rays(lens, pose.orientation)
        self._hits: Hits = tracer.trace(self._origin, self._rays)

    @cached_property
    def distance(self) -> Array:
        """How far away what each pixel shows is, along its ray; m, inf where nothing is."""
        return self._picture(self._tracer.distances(self._hits, self._origin, self._rays))

    @cached_property
    def planar(self) -> Array:
        """The same along the optical axis; m."""
        return self.distance * self._picture(body_rays(self.lens)[0])

    @cached_property
    def normals(self) -> Array:
        """Unit normals in the world's frame, to the camera; (height, width, 3), zero where nothing is."""
        normals = self._tracer.normals(self._hits, self._rays)
        return np.moveaxis(normals.reshape(3, self.lens.height, self.lens.width), 0, -1)

    @cached_property
    def bodies(self) -> NDArray[np.int32]:
        """The index of the body that each pixel shows, -1 where nothing is."""
        return self._picture(self._tracer.bodies(self._hits))

    @property
    def segmentation(self) -> NDArray[np.uint8]:
        """The segmentation id of each pixel as the bodies have it now, 0 where nothing is."""
        ids = [body.segmentation_id for body in self._world.bodies.values()]
        return np.array([*ids, 0], np.uint8).take(self.bodies, mode="wrap")

    @cached_property
    def rgb(self) -> NDArray[np.uint8]:
        """Colours as a person sees them; (height, width, 3)."""
        colours = self._shader.colours(
            self._hits, self._surface, self._tracer, self._origin, self.lens.pixel, self._rays
        )
        return colours.reshape(self.lens.height, self.lens.width, 3)

    def _picture(self, values: NDArray[Any]) -> NDArray[Any]:
        return values.reshape(self.lens.height, self.lens.width)


class Renderer:
    """The eyes of one world. Bakes its light at once, and follows the world as it changes."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._shader = Shader(world.scene)
        self._lightmap = Lightmap(world.scene)
        self._frames: dict[tuple[object, ...], Frame] = {}  # the latest last
        self._follow()

    @property
    def tracer(self) -> Tracer:
        """Casts rays in the world as it is now."""
        if self._revision != self._world.revision:
            self._follow()
        return self._tracer

    def cast(self, origins: Array, directions: Array) -> tuple[Array, NDArray[np.int32]]:
        """As ``Tracer.cast``, in the world as it is now: a world's own ``tracer``."""
        return self.tracer.cast(origins, directions)

    def frame(self, pose: Pose, lens: Lens) -> Frame:
        """The view from a pose, the same one for all who ask for it while nothing changes."""
        tracer, surface = self.tracer, self._lightmap.surface
        key = (*pose.position.tolist(), *pose.orientation.tolist(), lens)
        frame = self._frames.pop(key, None)
        if frame is not None:
            self._frames[key] = frame
            return frame
        frame = self._frames[key] = Frame(pose, lens, self._world, tracer, surface, self._shader)
        while len(self._frames) > 1 and self._too_many():
            del self._frames[next(iter(self._frames))]
        return frame

    def _too_many(self) -> bool:
        pixels = sum(frame.lens.width * frame.lens.height for frame in self._frames.values())
        return len(self._frames) > FRAMES_KEPT or pixels > PIXELS_KEPT

    def colours(self, hits: Hits, origin: Array, pixel: float, directions: Array) -> NDArray[np.uint8]:
        """The colours of any hits in the world as it is now; see ``Shader.colours``."""
        return self._shader.colours(hits, self._lightmap.surface, self.tracer, origin, pixel, directions)

    def _follow(self) -> None:
        self._revision = self._world.revision
        self._tracer = Tracer(self._world.soup())
        self._lightmap.update(self._world.bodies, self._tracer)
        self._frames.clear()
