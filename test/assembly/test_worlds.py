import json

import numpy as np
import pytest
from numpy.testing import assert_allclose

from dcpg_ros.assembly.parts import environment_of
from dcpg_ros.assembly.worlds import embedded, scene_of, starts_of, vehicles_of
from dcpg_ros.core.errors import InputError
from dcpg_ros.scenario import load_scenario

pytestmark = pytest.mark.usefixtures("flyable")


@pytest.fixture
def scenario(write_drones):
    return load_scenario(write_drones())


def test_flights_begin_at_the_scenes_starts_counted_from_the_first(scenario):
    """The little room has [2.5, 2.5, 1.2, 0] and [6.5, 1.5, 1.2, 135]: x, y, height, yaw."""
    starts = starts_of(scenario, 0, scene_of(scenario, 0))
    assert_allclose(starts, [(0, 0, 0, 0), (4, -1, 0, 135)], atol=1e-12)


def test_starts_of_the_scenario_come_first(write_drones):
    tasks = json.loads(write_drones().read_text())["environment"]["tasks"]
    tasks[1]["starts"] = [[1.0, 0.5, -0.25, 90.0]]
    scenario = load_scenario(write_drones(environment__tasks=tasks))
    assert starts_of(scenario, 1, scene_of(scenario, 1)) == ((1.0, 0.5, -0.25, 90.0),)
    assert len(starts_of(scenario, 0, scene_of(scenario, 0))) == 2


def test_world_of_which_the_server_alone_knows_has_no_scene(write_drones):
    scenario = load_scenario(write_drones(environment__tasks=[{"address": "10.0.0.7"}] * 2))
    assert scene_of(scenario, 0) is None
    assert starts_of(scenario, 0, None) == ()


def test_scene_that_is_not_there_is_refused(write_drones):
    scenario = load_scenario(write_drones(environment__tasks=[{"scene": "nowhere"}] * 2))
    with pytest.raises(InputError, match="nowhere: found no such scene"):
        environment_of(scenario, 0)


def test_embedded_world_has_the_agents_vehicles_at_the_first_start_and_their_camera(scenario):
    link = embedded(scenario, 1, scene_of(scenario, 1))
    names = link.call("listVehicles")
    assert names == list(vehicles_of(scenario, 1)) == ["agent_1_0", "agent_1_1"]
    for name in names:
        request = {
            "camera_name": "front_center",
            "image_type": 0,
            "pixels_as_float": False,
            "compress": False,
        }
        [response] = link.call("simGetImages", [request], name, False)
        assert (response["width"], response["height"]) == (32, 32)
        place = link.call("simGetVehiclePose", name)["position"]
        assert_allclose([place["x_val"], place["y_val"], place["z_val"]], np.zeros(3), atol=1e-6)


def test_server_that_was_started_for_an_agent_is_the_one_it_flies_in(scenario):
    pytest.importorskip("airsim")
    flights = environment_of(scenario, 0, server=("localhost", 41999))
    assert str(flights.link) == "AirSim at localhost:41999"
    assert len(flights.starts) == 2  # of the scene, all the same


def test_address_in_the_scenario_is_connected_to(write_drones):
    pytest.importorskip("airsim")
    tasks = [{"address": "10.0.0.7:41452"}, {"address": "10.0.0.8"}]
    scenario = load_scenario(write_drones(environment__tasks=tasks))
    links = [str(environment_of(scenario, index).link) for index in range(2)]
    assert links == ["AirSim at 10.0.0.7:41452", "AirSim at 10.0.0.8:41451"]
