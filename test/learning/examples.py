"""Small learners and batches shared by the tests of the learning layer."""

from __future__ import annotations

import numpy as np

from dcpg_ros.core.experience import Experience, Segment
from dcpg_ros.core.schedules import Schedule
from dcpg_ros.learning.architecture import Architecture, architecture_of
from dcpg_ros.scenario.neural import NeuralLearner

SIDE, ACTIONS = 16, 3  # the smallest pictures that a scenario may ask for


def small() -> Architecture:
    return architecture_of("small", SIDE, SIDE, ACTIONS)


def spec(algorithm: str, **changes: object) -> NeuralLearner:
    """What a scenario may ask for, without clipping unless told otherwise."""
    settings = {
        "algorithm": algorithm,
        "network": "small",
        "device": "cpu",
        "flights": 2,
        "steps_per_round": 8,
        "episodes_per_round": 2,
        "optimiser": "adam",
        "learning_rate": Schedule(1e-3),
        "gradient_clip": 0.0,
        "entropy_weight": Schedule(0.01),
        "value_weight": 0.5,
        "gae_lambda": 1.0 if algorithm == "reinforce" else 0.9,
        "clip": 0.2,
        "epochs": 2,
        "minibatch": 6,
    }
    return NeuralLearner(**{**settings, **changes})


def segment(seed: int, steps: int, *, terminated: bool) -> Segment:
    """Random pictures, actions and rewards."""
    random = np.random.default_rng(seed)
    return Segment(
        random.integers(0, 256, (steps + 1, SIDE, SIDE, 3), np.uint8),
        random.integers(0, ACTIONS, steps),
        random.normal(size=steps).astype(np.float32),
        terminated,
    )


def batch(seed: int = 0) -> Experience:
    """One segment that ended for good, one that was cut off, and one of a single step."""
    pieces = ((7, True), (5, False), (1, True))
    segments = [segment(10 * seed + i, steps, terminated=end) for i, (steps, end) in enumerate(pieces)]
    return Experience(tuple(segments), mean_return=1.5)
