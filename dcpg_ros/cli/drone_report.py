"""What ``dcpg check`` says of a scenario of drones: the network, the messages, the worlds, the settings."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dcpg_ros.agent.snapshot import Snapshot, encode
from dcpg_ros.assembly.parts import identity_of, schema_of
from dcpg_ros.scenario import DroneScenario
from dcpg_ros.scenario.drones import CameraSpec, NavigationSpec
from dcpg_ros.scenario.neural import NeuralLearner

WORLDS_SHOWN = 16
NO_BOUND = "(10) and (13) are of tables and exact gradients; for networks the paper has none"


def drone_report(scenario: DroneScenario) -> Iterator[tuple[str, str]]:
    """(name, what is to be said of it), line by line."""
    schema, receivers = schema_of(scenario), max(map(len, neighbourhoods(scenario)))
    yield "network", f"{scenario.learner.network}: theta is {schema.size:,} numbers in {schema.dtype}"
    yield "message", f"{message_bytes(scenario):,} bytes a round, to {receivers} neighbours at most"
    worlds = scenario.environment.worlds
    for name, world in list(zip(scenario.agents, worlds, strict=True))[:WORLDS_SHOWN]:
        yield f"world {name}", f"scene {world}" if world.scene else f"server {world}"
    yield "camera", camera_in_words(scenario.environment.camera)
    yield "actions", actions_in_words(scenario.environment.navigation)
    yield "flight", flight_in_words(scenario.environment.navigation)
    yield "round", round_in_words(scenario.learner)
    yield "step size here", steps_in_words(scenario.learner)
    yield "step size bound", f"none: {NO_BOUND}"


def camera_in_words(camera: CameraSpec) -> str:
    """What the policy sees, and how it was taken."""
    captured = "" if camera.captured is None else ", taken in {}x{}".format(*camera.captured)
    fov = f"{camera.fov_deg:.4g} by {camera.fov_vertical_deg:.4g} degrees"
    return f"{camera.width}x{camera.height} pixels of {fov}{captured}"


def actions_in_words(navigation: NavigationSpec) -> str:
    """The grid of turns, and the step after each."""
    pitch = f"{navigation.rows} of pitch over {navigation.pitch_span_deg:.4g} degrees"
    yaw = f"{navigation.columns} of yaw over {navigation.yaw_span_deg:.4g}"
    return f"{pitch} by {yaw}, within {navigation.noise_bins:.3g} of a bin; {navigation.step_m:g} m each"


def flight_in_words(navigation: NavigationSpec) -> str:
    """What ends a flight."""
    near = navigation.crash_threshold
    crash = f"a centre value below {near:g}, or contact" if near else "contact"
    return f"ends with a crash ({crash}), or is cut off after {navigation.cap_m:g} m"


def round_in_words(learner: NeuralLearner) -> str:
    """What an agent learns from between two exchanges."""
    if not learner.whole_episodes:
        return f"{learner.steps_per_round} steps of each of {learner.flights} flights"
    episodes = f"{learner.episodes_per_round} episodes, {learner.flights} at a time"
    if not learner.steps_per_round:
        return episodes
    return f"{episodes}, or more until each flight has {learner.steps_per_round} steps"


def steps_in_words(learner: NeuralLearner) -> str:
    """How far an increment goes."""
    rate, entropy = learner.learning_rate(0), learner.entropy_weight(0)
    return (
        f"{learner.algorithm}, {learner.optimiser}, learning rate {rate:g}, entropy weight {entropy:g} "
        f"at round 0; on {learner.device}"
    )


def neighbourhoods(scenario: DroneScenario) -> list[tuple[int, ...]]:
    """N_i without i, of each agent."""
    return [tuple(scenario.graph.neighbours(index)) for index in range(len(scenario.agents))]


def message_bytes(scenario: DroneScenario) -> int:
    """Of what the first agent says in a round, to the byte but for the digits of its numbers."""
    schema, me = schema_of(scenario), identity_of(scenario, 0)
    theta = np.zeros(schema.size, schema.dtype)
    return len(encode(Snapshot(me.name, me.incarnation, 0, theta, weights=me.weights_shown), schema))
