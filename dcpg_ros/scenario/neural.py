"""``learner: {type: reinforce | a2c | ppo}``: how an agent with a neural policy learns."""

from __future__ import annotations

from dataclasses import dataclass

from dcpg_ros.core.schedules import Schedule
from dcpg_ros.scenario.schedules import read_schedule
from dcpg_ros.scenario.section import Section

ALGORITHMS = ("reinforce", "a2c", "ppo")
NETWORKS = ("c3f2", "small")
OPTIMISERS = ("adam", "sgd")
DEVICES = ("cpu", "cuda")
LARGEST_RATE = 1e6  # so that torch, which counts in float32, can take it


@dataclass(frozen=True)
class NeuralLearner:
    """What the three algorithms have in common, and what some of them ask for."""

    algorithm: str
    network: str
    device: str
    flights: int  # at the same time, all in the agent's own world
    steps_per_round: int  # of each flight; REINFORCE: at the least, in whole episodes
    episodes_per_round: int  # REINFORCE: at the least
    optimiser: str
    learning_rate: Schedule
    gradient_clip: float  # the largest norm; 0: none
    entropy_weight: Schedule
    value_weight: float  # of the critic's loss, or of the baseline's
    gae_lambda: float  # A2C and PPO
    clip: float  # PPO
    epochs: int  # PPO
    minibatch: int  # PPO: transitions in one step of the optimiser

    @property
    def whole_episodes(self) -> bool:
        """Whether a round is made of episodes, and not of steps."""
        return self.algorithm == "reinforce"

    @classmethod
    def read(cls, section: Section) -> NeuralLearner:
        """From the scenario file; a key that the algorithm has no use for is unknown to it."""
        algorithm = section.choice("type", ALGORITHMS)
        critic, ppo = algorithm != "reinforce", algorithm == "ppo"
        steps = (32, 1) if critic else (0, 0)  # unless told otherwise; at least
        flights = section.integer("flights", 8, at_least=1, at_most=64)
        learner = cls(
            algorithm=algorithm,
            network=section.choice("network", NETWORKS, "c3f2"),
            device=section.choice("device", DEVICES, "cpu"),
            flights=flights,
            steps_per_round=section.integer("steps_per_round", steps[0], at_least=steps[1], at_most=4096),
            episodes_per_round=0
            if critic
            else section.integer("episodes_per_round", flights, at_least=1, at_most=4096),
            optimiser=section.choice("optimiser", OPTIMISERS, "adam"),
            learning_rate=read_schedule(section, "learning_rate", 2.5e-4, strict=True, at_most=LARGEST_RATE),
            gradient_clip=section.number("gradient_clip", 0.5, at_least=0),
            entropy_weight=read_schedule(section, "entropy_weight", 0.03),
            value_weight=section.number("value_weight", 0.005, at_least=0),
            gae_lambda=section.number("gae_lambda", 0.95, at_least=0, at_most=1) if critic else 1.0,
            clip=section.number("clip", 0.2, above=0, below=1) if ppo else 0.0,
            epochs=section.integer("epochs", 3, at_least=1, at_most=100) if ppo else 1,
            minibatch=section.integer("minibatch", 64, at_least=1) if ppo else 0,
        )
        section.finish()
        return learner
