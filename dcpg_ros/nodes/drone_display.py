"""A drone as RViz and Foxglove show it: what it sees, where it is, and the way it has flown.

Everything lies in the fixed frame ``map`` (ENU), so no TF is needed; where tf2_msgs is installed, the drone's
own frame, named for the agent, is broadcast as well. Of an agent's flights the first is shown.
"""

from __future__ import annotations

import io
from typing import Any

from geometry_msgs.msg import PoseStamped, Quaternion, TransformStamped
from nav_msgs.msg import Odometry, Path
from numpy.typing import NDArray
from rclpy.node import Node
from sensor_msgs.msg import CompressedImage

from dcpg_ros.envs.flights import Latest
from dcpg_ros.envs.frames import orientation_of_yaw
from dcpg_ros.nodes.qos import latched

FRAME = "map"


class DroneDisplay:
    """Publishes ``camera/image/compressed``, ``odometry`` and ``path`` of one agent."""

    def __init__(self, node: Node, agent: str) -> None:
        self.node, self.agent = node, agent
        self._image = node.create_publisher(CompressedImage, "camera/image/compressed", latched(1))
        self._odometry = node.create_publisher(Odometry, "odometry", latched(1))
        self._path = node.create_publisher(Path, "path", latched(1))
        self._transform = _transform_publisher(node)

    def publish(self, latest: Latest | None) -> None:
        """Shows where the flight is now; None before there is one."""
        if latest is None:
            return
        odometry = Odometry()
        odometry.header.frame_id, odometry.child_frame_id = FRAME, self.agent
        odometry.header.stamp = self.node.get_clock().now().to_msg()
        pose = odometry.pose.pose
        pose.position.x, pose.position.y, pose.position.z = latest.position
        pose.orientation = level(latest.yaw)
        self._odometry.publish(odometry)

        image = CompressedImage(header=odometry.header, format="png", data=png(latest.picture))
        image.header.frame_id = self.agent
        self._image.publish(image)

        path = Path()
        path.header.frame_id, path.header.stamp = FRAME, odometry.header.stamp
        for x, y, z in latest.path.tolist():
            place = PoseStamped(header=path.header)
            place.pose.position.x, place.pose.position.y, place.pose.position.z = x, y, z
            place.pose.orientation.w = 1.0
            path.poses.append(place)
        self._path.publish(path)

        if self._transform:
            self._transform(odometry)


def level(yaw: float) -> Quaternion:
    """The attitude of a level drone."""
    w, x, y, z = orientation_of_yaw(yaw)
    return Quaternion(x=x, y=y, z=z, w=w)


def png(picture: NDArray[Any]) -> bytes:
    """The file of a picture."""
    from PIL import Image  # an extra, as all that drones need

    file = io.BytesIO()
    Image.fromarray(picture).save(file, "png", compress_level=1)
    return file.getvalue()


def _transform_publisher(node: Node):  # type: ignore[no-untyped-def]
    """What broadcasts an odometry as a transform; None where there is no tf2_msgs."""
    try:
        from tf2_msgs.msg import TFMessage
    except ImportError:
        return None
    publisher = node.create_publisher(TFMessage, "/tf", 10)

    def broadcast(odometry: Odometry) -> None:
        transform = TransformStamped(header=odometry.header, child_frame_id=odometry.child_frame_id)
        place, vector = odometry.pose.pose.position, transform.transform.translation
        vector.x, vector.y, vector.z = place.x, place.y, place.z
        transform.transform.rotation = odometry.pose.pose.orientation
        publisher.publish(TFMessage(transforms=[transform]))

    return broadcast
