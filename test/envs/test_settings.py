import json

import pytest
from flight_hall import make_environment

from dcpg_ros.envs.settings import settings_document, vehicle_names

LENS = {"Width": 24, "Height": 16, "FOV_Degrees": 80.0, "FOV_Vertical_Degrees": 50.0}


def test_each_flight_has_a_vehicle_named_for_its_agent():
    assert vehicle_names("agent_0", 3) == ("agent_0_0", "agent_0_1", "agent_0_2")


def test_the_document_says_what_a_server_needs():
    environment = make_environment(camera={"width": 24, "height": 16, "fov_vertical_deg": 50})
    assert settings_document(environment, ["ada_0"]) == {
        "SettingsVersion": 1.2,
        "SimMode": "Multirotor",
        "VehicleCollisions": False,
        "Vehicles": {
            "ada_0": {
                "VehicleType": "SimpleFlight", "X": 0.0, "Y": 0.0, "Z": 0.0,
                "Cameras": {"front_center": {"CaptureSettings": [
                    {"ImageType": 0, **LENS}, {"ImageType": 3, **LENS},
                ]}},
            }
        },
    }  # fmt: skip


def test_a_port_is_told_if_there_is_one():
    environment = make_environment()
    assert settings_document(environment, ["ada_0"], 1234)["ApiServerPort"] == 1234
    assert "ApiServerPort" not in settings_document(environment, ["ada_0"])


def test_pictures_are_taken_in_the_captured_size():
    environment = make_environment(camera={"captured": [320, 180]})
    vehicle = settings_document(environment, ["ada_0"])["Vehicles"]["ada_0"]
    captures = vehicle["Cameras"]["front_center"]["CaptureSettings"]
    assert [(capture["Width"], capture["Height"]) for capture in captures] == [(320, 180)] * 2


def test_our_simulator_takes_it(tmp_path):
    pytest.importorskip("embreex")
    from dcpg_ros.simulator.settings_file import load_settings

    names = [*vehicle_names("ada", 2), *vehicle_names("bob", 2)]
    path = tmp_path / "settings.json"
    path.write_text(json.dumps(settings_document(make_environment(), names)))
    settings = load_settings(path)
    assert [vehicle.name for vehicle in settings.vehicles] == names
    for vehicle in settings.vehicles:
        assert not vehicle.position.any()
        lens = vehicle.cameras["front_center"].lens(3)
        assert (lens.width, lens.height, lens.fov_deg) == (24, 24, 80.0)
