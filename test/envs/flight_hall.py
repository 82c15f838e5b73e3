"""The real simulator served beside the tests in a thread, and what it takes to fly in it.

The hall is 14 m x 8 m inside, from (1, 1) to (15, 9), 3 m high; the player start is at (3, 5), 1.5 m above
the floor, looking north along x; a crate stands on the floor to the right.
"""

import asyncio
import threading

import numpy as np
from halls import hall

from dcpg_ros.scenario.drones import DroneEnvironment
from dcpg_ros.scenario.neural import NeuralLearner
from dcpg_ros.scenario.section import Section

HALL = hall("hall", 14)


CALM = {"noise_bins": 0.0, "start_yaw_spread_deg": 0.0}  # what the world adds: nothing
AHEAD = 12  # the action in the middle of the grid: straight on
RADIUS_M = 0.25  # of a drone


def make_environment(**changes):
    data = {"tasks": [{"scene": "hall"}], "camera": {"width": 24}, "crash_threshold": 0.0, **changes}
    return DroneEnvironment.read(Section("test", "environment", data))


def make_learner(**changes):
    return NeuralLearner.read(Section("test", "learner", {"type": "a2c", **changes}))


class Served:
    """A simulation at work on a port, until it is killed."""

    def __init__(self, scene, settings, port=0):
        from dcpg_ros.simulator.api import api_of  # needs what only the simulator's extra brings
        from dcpg_ros.simulator.rpc import RpcServer
        from dcpg_ros.simulator.simulation import Simulation

        self.simulation = Simulation(scene, settings)
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.server = RpcServer(api_of(self.simulation), port=port)
        self.run(self.server.start())
        self.port = self.server.port

    def run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(60)

    def kill(self):
        """Ends all connections and stops listening."""
        if self.loop.is_closed():
            return
        self.run(self.server.close())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(60)
        self.loop.close()


class PixelPolicy:
    """Probabilities that depend on theta and on every pixel, with nothing to learn."""

    def load(self, theta):
        self.theta = theta

    def probabilities(self, observations):
        brightness = observations.reshape(len(observations), -1).astype(np.float64).sum(axis=1)
        logits = np.sin(np.outer(brightness / 1e3, np.arange(1, 26)) + self.theta)
        exponent = np.exp(logits)
        return exponent / exponent.sum(axis=1, keepdims=True)
