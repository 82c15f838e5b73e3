"""The hall served to tests, and links to it."""

import contextlib
import json

import pytest
from flight_hall import HALL, Served, make_environment

from dcpg_ros.envs.airsim_link import AirSimLink
from dcpg_ros.envs.settings import settings_document, vehicle_names


@pytest.fixture(scope="session")
def hall(tmp_path_factory):
    pytest.importorskip("embreex")
    from dcpg_ros.simulator.scene.loader import load_scene

    path = tmp_path_factory.mktemp("scenes") / "hall.yaml"
    path.write_text(HALL)
    return load_scene(path)


@pytest.fixture
def serve(hall, tmp_path):
    """Serves the hall with so many vehicles; on the same port again, if asked to."""
    from dcpg_ros.simulator.settings_file import load_settings

    with contextlib.ExitStack() as stack:

        def start(environment=None, flights=1, port=0, **changes):
            vehicles = vehicle_names("agent_0", flights)
            document = settings_document(environment or make_environment(), vehicles)
            path = tmp_path / "settings.json"
            path.write_text(json.dumps({**document, **changes}))
            served = Served(hall, load_settings(path), port)
            stack.callback(served.kill)
            return served

        yield start


@pytest.fixture
def connect():
    """A link to a served simulation."""
    pytest.importorskip("airsim")
    links = []

    def make(served, timeout_s=30.0, **how):
        port = served if isinstance(served, int) else served.port
        links.append(AirSimLink("127.0.0.1", port, timeout_s, **how))
        return links[-1]

    yield make
    for link in links:
        link.close()
