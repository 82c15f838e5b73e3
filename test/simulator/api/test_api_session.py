import json

import pytest

airsim = pytest.importorskip("airsim")
from msgpackrpc.error import RPCError  # noqa: E402


def test_a_client_confirms_its_connection(client, capsys):
    client.confirmConnection()
    assert "Client Ver:1 (Min Req: 1), Server Ver:1 (Min Req: 1)" in capsys.readouterr().out


def test_control_is_given_and_taken(client):
    assert client.isApiControlEnabled()
    client.enableApiControl(False)
    assert not client.isApiControlEnabled()
    assert client.armDisarm(True) is False


def test_reset_puts_all_back_and_takes_control(client):
    client.simSetVehiclePose(airsim.Pose(airsim.Vector3r(1, 1, 0)), True)
    client.simSetCameraFov("0", 40)
    client.reset()
    assert client.simGetVehiclePose().position.get_length() == 0
    assert not client.isApiControlEnabled()
    assert client.simGetCameraInfo("0").fov == 90


def test_an_unknown_vehicle_is_refused_by_name(client):
    with pytest.raises(RPCError, match=r"no vehicle is called 'Drone9'; there are SimpleFlight\.$"):
        client.getMultirotorState("Drone9")


def test_vehicles_are_added_at_a_pose_from_the_player_start(client):
    pose = airsim.Pose(airsim.Vector3r(2, 1, 0), airsim.to_quaternion(0, 0, 1.5))
    assert client.simAddVehicle("Second", "simpleflight", pose)
    assert client.listVehicles() == ["SimpleFlight", "Second"]
    assert client.simGetVehiclePose("Second").position.get_length() == 0
    assert client.simGetObjectPose("Second").position.to_numpy_array().tolist() == [2, 1, 0]
    assert not client.simAddVehicle("Second", "simpleflight", pose)
    assert not client.simAddVehicle("Third", "physxcar", pose)


def test_vehicles_of_the_settings_start_where_they_say_or_at_the_next_start(serve_room):
    vehicles = {"A": {"VehicleType": "SimpleFlight"}, "B": {}, "C": {"X": 4, "Y": 1, "Z": -0.5, "Yaw": 180}}
    client = serve_room({"Vehicles": vehicles}).client()
    assert client.listVehicles() == ["A", "B", "C"]
    places = [client.simGetObjectPose(name).position.to_numpy_array().tolist() for name in "ABC"]
    assert places == [[0, 0, 0], [0, -2, 0], [4, 1, -0.5]]
    assert airsim.to_eularian_angles(client.simGetVehiclePose("C").orientation)[2] == pytest.approx(
        3.14159265
    )


def test_the_settings_are_told_with_all_vehicles_and_cameras(serve_room):
    lens = {"ImageType": 0, "Width": 32, "Height": 18, "FOV_Degrees": 80}
    vehicles = {"A": {"Cameras": {"eye": {"CaptureSettings": [lens]}}, "Extra": 1}}
    client = serve_room({"Vehicles": vehicles, "ViewMode": ""}).client()
    client.simAddVehicle("B", "SimpleFlight", airsim.Pose())
    told = json.loads(client.getSettingsString())
    assert told["SimMode"] == "Multirotor"
    assert told["ViewMode"] == ""
    assert told["Vehicles"]["A"]["Extra"] == 1
    assert told["Vehicles"]["A"]["Cameras"]["eye"] == {"CaptureSettings": [lens]}
    assert set(told["Vehicles"]["B"]["Cameras"]) == {
        "front_center", "front_right", "front_left", "bottom_center", "back_center",
    }  # fmt: skip


def test_time_stands_still_while_paused(client):
    client.simPause(True)
    assert client.simIsPause()
    before = client.getMultirotorState().timestamp
    assert client.getMultirotorState().timestamp == before
    client.simContinueForTime(0.25)
    assert client.getMultirotorState().timestamp - before == 250_000_000
    client.simContinueForFrames(3)
    assert client.getMultirotorState().timestamp - before == 280_000_000
    client.simPause(False)
    assert not client.simIsPause()


def test_what_a_session_only_accepts(client):
    client.simPrintLogMessage("text", "parameter", 2)
    assert client.simRunConsoleCommand("stat fps") is False
    client.startRecording()
    assert client.isRecording()
    client.stopRecording()
    assert not client.isRecording()
