"""Marks in the world: kept, and drawn into the picture of the flown paths."""

from __future__ import annotations

import numpy as np

from dcpg_ros.simulator.api.frames import Frame
from dcpg_ros.simulator.api.group import Group
from dcpg_ros.simulator.api.types import Color, Duration, Name, Number, Points, Pose, Poses, Texts, Vector3r
from dcpg_ros.simulator.flight.clock import SECOND_NS
from dcpg_ros.simulator.geometry import Array, rotation
from dcpg_ros.simulator.markers import Marker
from dcpg_ros.simulator.rpc import RpcError, rpc

AXES = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))  # x red, y green, z blue
CM = 0.01  # sizes and scales are Unreal's
AXIS_CM = 5.0
LONGEST_S = 1e9


class Markers(Group):
    """Points, lines, arrows, words and axes; places count from the player start."""

    @rpc("simFlushPersistentMarkers")
    def flush_persistent_markers(self) -> None:
        """Removes the marks that stay until then."""
        self.simulation.markers.flush()

    @rpc("simPlotPoints")
    def plot_points(
        self, points: Points, color_rgba: Color, size: Number, duration: Duration, is_persistent: bool
    ) -> None:
        """Dots."""
        self._plot("points", self._array(points), color_rgba, duration, is_persistent)

    @rpc("simPlotLineStrip")
    def plot_line_strip(
        self, points: Points, color_rgba: Color, thickness: Number, duration: Duration, is_persistent: bool
    ) -> None:
        """A line from point to point."""
        self._plot("strip", self._array(points), color_rgba, duration, is_persistent)

    @rpc("simPlotLineList")
    def plot_line_list(
        self, points: Points, color_rgba: Color, thickness: Number, duration: Duration, is_persistent: bool
    ) -> None:
        """A line for each two points."""
        if len(points) % 2:
            raise RpcError(f"points: found {len(points)}, allowed: an even number")
        self._plot("list", self._array(points), color_rgba, duration, is_persistent)

    @rpc("simPlotArrows")
    def plot_arrows(
        self, points_start: Points, points_end: Points, color_rgba: Color, thickness: Number,
        arrow_size: Number, duration: Duration, is_persistent: bool,
    ) -> None:  # fmt: skip
        """Arrows from each of the first points to its fellow among the second."""
        if len(points_start) != len(points_end):
            raise RpcError(f"found {len(points_start)} starts and {len(points_end)} ends of arrows")
        pairs = np.stack([self._array(points_start), self._array(points_end)], axis=1).reshape(-1, 3)
        self._plot("arrows", pairs, color_rgba, duration, is_persistent)

    @rpc("simPlotStrings")
    def plot_strings(
        self, strings: Texts, positions: Points, scale: Number, color_rgba: Color, duration: Duration
    ) -> None:
        """Words."""
        self._plot_texts(strings, self._array(positions), color_rgba, duration)

    @rpc("simPlotTransforms")
    def plot_transforms(
        self, poses: Poses, scale: Number, thickness: Number, duration: Duration, is_persistent: bool
    ) -> None:
        """The three axes of poses."""
        self._plot_axes(poses, scale, duration, is_persistent)

    @rpc("simPlotTransformsWithNames")
    def plot_transforms_with_names(
        self, poses: Poses, names: Texts, tf_scale: Number, tf_thickness: Number, text_scale: Number,
        text_color_rgba: Color, duration: Duration,
    ) -> None:  # fmt: skip
        """The three axes of poses, with words."""
        points = self._array([pose.position for pose in poses])
        self._plot_texts(names, points, text_color_rgba, duration)
        self._plot_axes(poses, tf_scale, duration, False)

    @rpc("simSetTraceLine")
    def set_trace_line(self, color_rgba: Color, thickness: Number = 1.0, vehicle_name: Name = "") -> None:
        """Accepted: every path is drawn, each vehicle's in its own colour."""
        self.drone(vehicle_name)

    def _plot_axes(self, poses: list[Pose], scale: float, duration: float, is_persistent: bool) -> None:
        frame, placed = self.frame, []
        for pose in poses:
            place = frame.pose(pose)
            placed.append((place.position, rotation(place.orientation)))
        for axis, color in enumerate(AXES):
            ends = [
                point
                for position, turned in placed
                for point in (position, position + CM * AXIS_CM * scale * turned[:, axis])
            ]
            self._plot("list", np.reshape(ends, (-1, 3)), list(color), duration, is_persistent)

    def _plot_texts(self, texts: list[str], points: Array, color: list[float], duration: float) -> None:
        if len(texts) != len(points):
            raise RpcError(f"found {len(texts)} words for {len(points)} places")
        self._plot("texts", points, color, duration, False, tuple(text[:100] for text in texts))

    def _plot(
        self, kind: str, points: Array, color: list[float], duration: float, is_persistent: bool,
        texts: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        ends = None
        if not is_persistent and 0 <= duration < LONGEST_S:
            ends = self.now_ns + round(duration * SECOND_NS)
        shown = tuple(max(0.0, min(1.0, share)) for share in color[:3])
        self.simulation.markers.add(Marker(kind, points, shown, texts, ends, is_persistent))

    def _array(self, points: list[Vector3r]) -> Array:
        frame: Frame = self.frame
        return np.reshape([frame.point(point, "points") for point in points], (-1, 3))
