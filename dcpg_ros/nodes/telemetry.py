"""What a run shows while it goes on: readable scalars beside the blobs, and health on /diagnostics."""

from __future__ import annotations

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from rclpy.node import Node
from std_msgs.msg import Float64

from dcpg_ros.agent.metrics import MetricsRow
from dcpg_ros.agent.rounds import RoundEngine
from dcpg_ros.nodes.ros_transport import RosTransport

SCALARS = ("return", "value", "disagreement", "round_time", "bytes", "neighbour_age", "round")


class Telemetry:
    """The ``metrics/*`` topics of one agent, ``std_msgs/Float64`` each, and its diagnostics once a second."""

    def __init__(self, node: Node, engine: RoundEngine, transport: RosTransport, total_rounds: int) -> None:
        self.node, self.engine, self.transport, self.total_rounds = node, engine, transport, total_rounds
        self._scalars = {name: node.create_publisher(Float64, f"metrics/{name}", 10) for name in SCALARS}
        self._diagnostics = node.create_publisher(DiagnosticArray, "/diagnostics", 10)
        node.create_timer(1.0, self.publish_diagnostics)

    def publish(self, row: MetricsRow) -> None:
        """The scalars after a round."""
        values = {
            "return": row.return_,
            "value": row.value,
            "disagreement": row.disagreement,
            "round_time": row.round_s,
            "bytes": row.bytes,
            "neighbour_age": self.transport.neighbour_age_s(),
            "round": row.round,
        }
        for name, value in values.items():
            self._scalars[name].publish(Float64(data=float(value)))

    def publish_diagnostics(self) -> None:
        """Whether the agent goes on, whom it waits for, and what it had to drop."""
        state, mailbox = self.engine.state, self.engine.mailbox
        age_s = self.transport.neighbour_age_s()
        silent = age_s > 5.0 and state.round < self.total_rounds
        shown = {
            "round": f"{state.round} of {self.total_rounds}",
            "waiting for": ", ".join(mailbox.missing()) or "nobody",
            "neighbour age": f"{age_s:.3f} s",
            "messages received": str(mailbox.received),
            **{f"dropped: {reason}": str(count) for reason, count in mailbox.dropped.items()},
        }
        status = DiagnosticStatus(
            level=DiagnosticStatus.WARN if silent else DiagnosticStatus.OK,
            name=f"{self.node.get_namespace()}: learning",
            message="a neighbour is silent" if silent else "learning",
            hardware_id=self.engine.identity.name,
            values=[KeyValue(key=key, value=value) for key, value in shown.items()],
        )
        message = DiagnosticArray(status=[status])
        message.header.stamp = self.node.get_clock().now().to_msg()
        self._diagnostics.publish(message)
