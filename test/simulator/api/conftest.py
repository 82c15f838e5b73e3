"""A small room served in a thread beside the test, and the airsim client to fly in it.

The room is 10 m x 8 m inside, from (1, 1) to (11, 9), 3 m high; the player start is at (3, 5), 1.5 m above
the floor, looking north along x at a wall 8 m away; a crate stands on the floor to the right.
"""

import asyncio
import contextlib
import json
import threading

import pytest
from halls import hall

from dcpg_ros.simulator.api import api_of
from dcpg_ros.simulator.rpc import RpcServer
from dcpg_ros.simulator.scene.loader import load_scene
from dcpg_ros.simulator.settings_file import load_settings
from dcpg_ros.simulator.simulation import Simulation

ROOM = hall("room", 10)


class Running:
    """A simulation at work, and the clients of it."""

    def __init__(self, scene, settings):
        self.simulation = Simulation(scene, settings)
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.server = RpcServer(api_of(self.simulation), port=0)
        self.run(self.server.start())
        self.clients = []

    def run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(60)

    def client(self):
        airsim = pytest.importorskip("airsim")
        self.clients.append(airsim.MultirotorClient(port=self.server.port, timeout_value=60))
        return self.clients[-1]

    def close(self):
        for client in self.clients:
            client.client.close()
        self.run(self.server.close())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(60)
        self.loop.close()


@pytest.fixture(scope="session")
def room(tmp_path_factory):
    path = tmp_path_factory.mktemp("scenes") / "room.yaml"
    path.write_text(ROOM)
    return load_scene(path)


@pytest.fixture
def serve_room(room, tmp_path):
    """Serves the room with the content of a settings.json; time is as fast as possible by default."""
    with contextlib.ExitStack() as stack:

        def start(settings=None):
            path = tmp_path / "settings.json"
            path.write_text(json.dumps({"ClockSpeed": 0, **(settings or {})}))
            running = Running(room, load_settings(path))
            stack.callback(running.close)
            return running

        yield start


@pytest.fixture
def client(serve_room):
    """A client of the room as it is without settings, allowed to fly."""
    client = serve_room().client()
    client.enableApiControl(True)
    client.armDisarm(True)
    return client
