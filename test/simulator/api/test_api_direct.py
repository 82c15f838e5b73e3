import math

import msgspec
import numpy as np
import pytest

from dcpg_ros.simulator.direct import CallError, DirectLink
from dcpg_ros.simulator.flight.clock import Clock

airsim = pytest.importorskip("airsim")
RPCError = pytest.importorskip("msgpackrpc").error.RPCError

WALL = {"position": {"x_val": 20.0, "y_val": 0.5, "z_val": 0.0}, "orientation": {}}  # behind the wall
TURNED = airsim.Pose(airsim.Vector3r(0.25, -0.5, 0.125), airsim.to_quaternion(0.1, 0.2, 0.3))
IMAGES = [
    airsim.ImageRequest("0", airsim.ImageType.Scene, False, False),
    airsim.ImageRequest("0", airsim.ImageType.DepthVis, False, False),
    airsim.ImageRequest("0", airsim.ImageType.DepthPlanar, True, False),
    airsim.ImageRequest("bottom_center", airsim.ImageType.Segmentation),
    {"camera_name": "front_center", "image_type": 9, "pixels_as_float": False, "compress": False},
]
CALLS = [
    ("ping",),
    ("listVehicles",),
    ("getSettingsString",),
    ("simGetVehiclePose", "B"),
    ("simSetVehiclePose", TURNED, True, "A"),
    ("simGetVehiclePose", "A"),
    ("simGetImages", IMAGES, "A"),
    ("simGetCollisionInfo", "A"),
    ("simSetVehiclePose", WALL, False, "B"),
    ("simGetVehiclePose", "B"),
    ("simGetCollisionInfo", "B"),
    ("simGetCollisionInfo", "B"),
    ("simGetImages", [request.to_msgpack() for request in IMAGES[:2]], "B", False),
    ("simGetImage", "0", 0, "B"),
    ("getMultirotorState", "B"),
    ("simGetObjectPose", "nobody"),
]
WRONG = [
    ("simGetVehiclePose", "C"),
    ("simGetVehiclePose", "A", 2),
    ("simGetVehiclePose", 5),
    ("simNoSuchMethod", 1, 2),
    ("simSetVehiclePose", {"position": {"x_val": math.inf}}, True, "A"),
    ("simGetImages", IMAGES, "A", "no", 3),
    ("simContinueForTime", -1.0),
]


@pytest.fixture
def both(serve_room):
    """The same world twice: beside a direct link, and behind the real client."""
    settings = {"Vehicles": {"A": {}, "B": {"X": 3.0, "Y": 1.0, "Z": 0.0}}}
    served, own = serve_room(settings), serve_room(settings)
    for running in (served, own):
        running.simulation.airspace.clock = Clock(speed=0, epoch_ns=1_700_000_000_123_456_789)
    return served.client().client, DirectLink(own.simulation)


def test_answers_are_what_the_real_client_gets_bit_for_bit(both):
    client, link = both
    for method, *arguments in CALLS:
        expected = client.call(method, *arguments)
        found = link.call(method, *arguments)
        assert written(found) == written(expected), method


def written(result):
    """Every value with its type, to the last bit; pairs of a map in any order."""
    return msgspec.msgpack.encode(result, order="sorted")


def test_a_call_that_is_sent_has_the_same_answer(both):
    _, link = both
    link.send("simSetVehiclePose", WALL, False, "B").get()
    sent = link.send("simGetCollisionInfo", "B")
    assert sent.get()["has_collided"] is True
    assert sent.get()["object_name"].startswith("wall")
    assert link.call("simGetCollisionInfo", "B")["has_collided"] is False


@pytest.mark.parametrize(("method", "arguments"), [(method, arguments) for method, *arguments in WRONG])
def test_errors_have_the_clients_words(both, method, arguments):
    client, link = both
    with pytest.raises(RPCError) as expected:
        client.call(method, *arguments)
    with pytest.raises(CallError) as found:
        link.call(method, *arguments)
    assert str(found.value) == str(expected.value)
    answer = link.send(method, *arguments)
    with pytest.raises(CallError):
        answer.get()


def test_an_error_of_ours_is_told_as_over_the_wire(both, monkeypatch):
    client, link = both
    failing = "dcpg_ros.simulator.simulation.Simulation.view"
    monkeypatch.setattr(failing, lambda *_: 1 // 0)
    messages = []
    for caller, error in ((client, RPCError), (link, CallError)):
        with pytest.raises(error, match="ZeroDivisionError") as found:
            caller.call("simGetImages", IMAGES[:1], "A")
        messages.append(str(found.value))
    assert messages[0] == messages[1]


@pytest.mark.parametrize("method", ["takeoff", "moveToPosition"])
def test_what_takes_time_is_refused(both, method):
    arguments = {"takeoff": (5.0, "A"), "moveToPosition": (1, 0, 0, 1, 5, 0, {}, -1, 1, "A")}[method]
    with pytest.raises(CallError, match=f"^{method} takes time"):
        both[1].call(method, *arguments)


def test_numbers_of_numpy_go_in_as_they_do_with_the_client(both):
    for caller in both:
        pose = airsim.Pose(airsim.Vector3r(*np.array([0.25, 0.5, -0.25])))
        caller.call("simSetVehiclePose", pose, True, "A")
        place = caller.call("simGetVehiclePose", "A")["position"]
        assert place == {"x_val": 0.25, "y_val": 0.5, "z_val": -0.25}
    with pytest.raises(TypeError, match="a complex has no form"):
        both[1].call("listVehicles", 1j)
