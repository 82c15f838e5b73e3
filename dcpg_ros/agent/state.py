"""What an agent is between two rounds: all that a checkpoint has to hold."""

from __future__ import annotations

from dataclasses import dataclass, field

from dcpg_ros.agent.schema import Theta
from dcpg_ros.core.experience import Memory


@dataclass
class AgentState:
    """theta_i^k, and the account of how it came about.

    ``previous`` is theta_i^{k-1}: at a stop a neighbour may be one round behind and will ask for it again.
    ``memory`` is filled for a checkpoint and emptied when an engine goes on from it: it may be many times as
    large as theta.
    """

    theta: Theta  # flat
    round: int = 0  # k
    previous: Theta | None = None
    mean_return: float = 0.0  # of the batch whose increment made theta
    increment_norm: float = 0.0
    environment_steps: int = 0
    messages: int = 0
    bytes: int = 0
    wall_s: float = 0.0
    memory: Memory = field(default_factory=dict)  # of the learner and of the environment
