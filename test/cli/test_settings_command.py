"""``dcpg settings`` and ``dcpg simulator --scenario``: what a server needs is derived from the scenario."""

import json

import pytest


@pytest.fixture
def scenario(write_drones):
    return write_drones(2, learner__flights=3)


def test_settings_name_every_flight_of_every_agent(dcpg, scenario):
    status, out, _ = dcpg("settings", scenario)
    document = json.loads(out)
    assert status == 0
    assert list(document["Vehicles"]) == [f"agent_{i}_{flight}" for i in range(2) for flight in range(3)]
    (capture, depth) = document["Vehicles"]["agent_1_2"]["Cameras"]["front_center"]["CaptureSettings"]
    assert (capture["ImageType"], depth["ImageType"]) == (0, 3)


def test_settings_of_the_agents_that_share_a_server(dcpg, scenario):
    _, out, _ = dcpg("settings", scenario, "agent_1")
    assert list(json.loads(out)["Vehicles"]) == ["agent_1_0", "agent_1_1", "agent_1_2"]


def test_settings_have_the_port_of_the_address(dcpg, write_drones):
    tasks = [{"address": "10.0.0.4:41500"}, {"address": "10.0.0.4:41500"}, {"address": "10.0.0.5"}]
    path = write_drones(3, environment__tasks=tasks)
    _, out, _ = dcpg("settings", path, "agent_0", "agent_1")
    assert json.loads(out)["ApiServerPort"] == 41500
    status, _, err = dcpg("settings", path)
    assert status == 2
    assert "allowed: agents that share a server" in err


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("settings", "no_conflict"), "no_conflict: environment.type: found no drones, allowed: airsim"),
        (("settings", "drone_ring4", "ada"), "drone_ring4: agent: found 'ada', allowed: one of agent_0,"),
        (("simulator", "--scenario", "no_conflict"), "environment.type: found no drones, allowed: airsim"),
        (("simulator", "--agent", "agent_0"), "--agent: found agent_0, allowed: --agent beside --scenario"),
        (
            ("simulator", "--scenario", "drone_ring4", "--scene", "blocks"),
            "dcpg simulator: --scene: found --scene beside --scenario, allowed: the scenario's own",
        ),
        (("simulator", "--scenario", "drone_ring4", "--agent", "ada"), "agent: found 'ada', allowed: one of"),
    ],
)
def test_what_cannot_be_served_is_one_line(dcpg, flyable, arguments, line):
    status, out, err = dcpg(*arguments)
    assert (status, out) == (2, "")
    assert line in err
    assert len(err.splitlines()) == 1


def test_a_world_at_an_address_is_somebody_elses_to_serve(dcpg, flyable, write_drones):
    path = write_drones(1, environment__tasks=[{"address": "10.0.0.1"}])
    status, _, err = dcpg("simulator", "--scenario", path)
    assert status == 2
    assert "environment.tasks[0]: found the address 10.0.0.1:41451, allowed: a scene" in err
