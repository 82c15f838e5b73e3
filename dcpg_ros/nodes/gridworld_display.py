"""The tasks as RViz and Foxglove show them: a map each, side by side, and the latest path through it.

Everything lies in the fixed frame ``map`` (ENU): a cell is 1 m, columns run east, rows south.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from geometry_msgs.msg import PoseStamped
from nav_msgs.msg import OccupancyGrid, Path
from rclpy.node import Node

from dcpg_ros.core.sampling import Episodes
from dcpg_ros.core.task import Task
from dcpg_ros.nodes.qos import latched
from dcpg_ros.scenario import Scenario

FRAME = "map"
CELL_M = 1.0
FREE, START_VALUE, GOAL_VALUE, OBSTACLE_VALUE = 0, 25, 50, 100


class GridWorldDisplay:
    """Publishes ``<agent>/map`` and ``<agent>/path``, latched."""

    def __init__(self, node: Node, scenario: Scenario) -> None:
        self.node, self.tasks = node, scenario.tasks
        self._paths = [node.create_publisher(Path, f"{name}/path", latched(1)) for name in scenario.agents]
        for index, name in enumerate(scenario.agents):
            publisher = node.create_publisher(OccupancyGrid, f"{name}/map", latched(1))
            publisher.publish(self._map(self.tasks[index], index))

    def publish_paths(self, latest: Mapping[int, Episodes]) -> None:
        """The first episode of each agent's latest batch."""
        for index, episodes in dict(latest).items():
            self._paths[index].publish(self._path(self.tasks[index], index, episodes))

    def _map(self, task: Task, index: int) -> OccupancyGrid:
        rows, columns = task.shape
        kind = np.select(
            [task.obstacles, task.goals, task.mdp.rho > 0], [OBSTACLE_VALUE, GOAL_VALUE, START_VALUE], FREE
        )
        message = OccupancyGrid()
        message.header.frame_id = FRAME
        message.header.stamp = self.node.get_clock().now().to_msg()
        message.info.resolution = CELL_M
        message.info.width, message.info.height = columns, rows
        message.info.origin.position.x = self._east(task, index)
        message.info.origin.orientation.w = 1.0
        # Ours are stored from the top row down, an OccupancyGrid from the southern one up.
        message.data = kind.reshape(task.shape)[::-1].ravel().tolist()
        return message

    def _path(self, task: Task, index: int, episodes: Episodes) -> Path:
        message = Path()
        message.header.frame_id = FRAME
        message.header.stamp = self.node.get_clock().now().to_msg()
        rows, columns = task.shape
        for state in episodes.states[0, : episodes.lengths[0]]:
            row, column = divmod(int(state), columns)
            pose = PoseStamped(header=message.header)
            pose.pose.position.x = self._east(task, index) + (column + 0.5) * CELL_M
            pose.pose.position.y = (rows - row - 0.5) * CELL_M
            pose.pose.orientation.w = 1.0
            message.poses.append(pose)
        return message

    def _east(self, task: Task, index: int) -> float:
        return index * (task.shape[1] + 1) * CELL_M
