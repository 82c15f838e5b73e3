"""Drone environments as people write them; each mistake is one line: what, where, found, allowed."""

import math

import pytest

from dcpg_ros.core.errors import InputError
from dcpg_ros.scenario import load_scenario
from dcpg_ros.scenario.document import read_document
from dcpg_ros.scenario.drones import DroneEnvironment
from dcpg_ros.scenario.environments import read_environment
from dcpg_ros.scenario.section import Section
from dcpg_ros.scenario.worlds import Start, WorldSpec

SCENE = {"scene": "hall"}


def read(**data):
    return read_environment(
        Section("mine.yaml", "environment", {"type": "airsim", "tasks": [SCENE], **data}), 1
    )


def world(**task):
    return read(tasks=[task]).worlds[0]


def words(**data):
    with pytest.raises(InputError) as caught:
        read(**data)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_defaults_are_pedras():
    environment = read()
    navigation, camera = environment.navigation, environment.camera
    assert environment.worlds == (WorldSpec("hall", None),)
    assert (environment.actions, environment.discount) == (25, 0.99)
    assert (navigation.rows, navigation.columns, navigation.step_m) == (5, 5, 0.4)
    assert (navigation.pitch_span_deg, navigation.yaw_span_deg) == (30, pytest.approx(80 / 1.5))
    assert (navigation.noise_bins, navigation.depth_clip) == (pytest.approx(1 / 6), 50)
    assert (navigation.crash_threshold, navigation.cap_m) == (0.07, 200)
    assert navigation.start_yaw_spread_deg == 30
    assert (camera.width, camera.height, camera.fov_deg, camera.captured) == (103, 103, 80, None)
    # the frustum of 320 x 180 square pixels that see 80 degrees across
    assert math.tan(math.radians(camera.fov_vertical_deg / 2)) == pytest.approx(
        math.tan(math.radians(40)) * 180 / 320
    )


def test_everything_can_be_said():
    environment = read(
        discount=0.9, step_m=0.5, pitch_actions=3, yaw_actions=7, pitch_span_deg=10, yaw_span_deg=20,
        noise_bins=0, depth_clip=100, crash_threshold=0, cap_m=50, start_yaw_spread_deg=180,
        camera={"width": 64, "height": 48, "fov_deg": 90, "fov_vertical_deg": 60, "captured": [320, 180]},
    )  # fmt: skip
    navigation, camera = environment.navigation, environment.camera
    assert environment.actions == 21
    assert (navigation.step_m, navigation.pitch_span_deg, navigation.yaw_span_deg) == (0.5, 10, 20)
    assert (navigation.noise_bins, navigation.depth_clip, navigation.crash_threshold) == (0, 100, 0)
    assert (navigation.cap_m, navigation.start_yaw_spread_deg) == (50, 180)
    assert (camera.width, camera.height, camera.captured) == (64, 48, (320, 180))
    assert (camera.fov_deg, camera.fov_vertical_deg) == (90, 60)


def test_a_picture_is_square_unless_told_otherwise():
    camera = read(camera={"width": 48}).camera
    assert (camera.width, camera.height) == (48, 48)


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("example.org:1234", ("example.org", 1234)),
        ("10.0.0.7", ("10.0.0.7", 41451)),
        ("[::1]:5", ("::1", 5)),
        ("[::1]", ("::1", 41451)),
        ("a-b_c.d:65535", ("a-b_c.d", 65535)),
    ],
)
def test_an_address_has_airsims_port_unless_told_otherwise(address, found):
    assert world(address=address) == WorldSpec(None, found)
    assert str(world(address=address)) == f"{found[0]}:{found[1]}"
    assert str(world(scene="hall")) == "hall"


def test_starts_are_of_one_task_and_there_are_none_unless_told():
    assert world(scene="hall").starts == ()
    found = world(scene="hall", starts=[[1, 2.5, -3, 90], [0, 0, 0, -360]]).starts
    assert found == (Start(1, 2.5, -3, 90), Start(0, 0, 0, -360))
    assert all(type(value) is float for start in found for value in start)


def test_each_agent_has_a_task_of_its_own():
    section = Section("m", "environment", {"type": "airsim", "tasks": [SCENE, {"address": "h:1"}]})
    assert DroneEnvironment.read(section).worlds == (WorldSpec("hall", None), WorldSpec(None, ("h", 1)))


NUMBER, WHOLE = "a finite number", "a whole number"
RANGES = {
    "discount": (NUMBER, ">= 0 and < 1", [-0.1, 1, 1.5]),
    "step_m": (NUMBER, "> 0 and <= 10", [0, -1, 10.1]),
    "pitch_actions": (WHOLE, ">= 1 and <= 25", [0, 26, 2.5]),
    "yaw_actions": (WHOLE, ">= 1 and <= 25", [0, 26]),
    "pitch_span_deg": (NUMBER, ">= 0 and <= 120", [-1, 121]),
    "yaw_span_deg": (NUMBER, ">= 0 and <= 180", [-1, 181]),
    "noise_bins": (NUMBER, ">= 0 and <= 0.5", [-0.1, 0.6]),
    "depth_clip": (WHOLE, ">= 1 and <= 255", [0, 256, 50.5]),
    "crash_threshold": (NUMBER, ">= 0 and < 1", [-0.1, 1]),
    "cap_m": (NUMBER, "> 0 and <= 100000", [0, 100_001]),
    "start_yaw_spread_deg": (NUMBER, ">= 0 and <= 180", [-1, 181]),
}
CAMERA_RANGES = {
    "width": (WHOLE, ">= 16 and <= 512", [15, 513, 64.0]),
    "height": (WHOLE, ">= 16 and <= 512", [0, 513]),
    "fov_deg": (NUMBER, ">= 10 and <= 150", [9, 151]),
    "fov_vertical_deg": (NUMBER, ">= 10 and <= 150", [9, 151]),
}
STRANGE = ["far", None, True, [1], {"a": 1}, float("nan"), float("inf")]


def cases(ranges):
    return [
        (key, value, f"{what} {limits}")
        for key, (what, limits, values) in ranges.items()
        for value in (*values, *STRANGE)
    ]


@pytest.mark.parametrize(("key", "value", "allowed"), cases(RANGES))
def test_a_number_out_of_range_is_told_with_its_range(key, value, allowed):
    told = words(**{key: value})
    assert told.startswith(f"mine.yaml: environment.{key}: found ")
    assert told.endswith(f", allowed: {allowed}")


@pytest.mark.parametrize(("key", "value", "allowed"), cases(CAMERA_RANGES))
def test_a_number_of_the_camera_likewise(key, value, allowed):
    told = words(camera={key: value})
    assert told.startswith(f"mine.yaml: environment.camera.{key}: found ")
    assert told.endswith(f", allowed: {allowed}")


@pytest.mark.parametrize(
    ("captured", "found"),
    [
        ([320], "a list of 1"),
        ([320, 180, 3], "a list of 3"),
        ([320, "180"], "a list of 2"),
        ([320.0, 180], "a list of 2"),
        ([15, 180], "a list of 2"),
        ([320, 1921], "a list of 2"),
        ([True, 180], "a list of 2"),
        ("320x180", "'320x180'"),
        (None, "nothing"),
    ],
)
def test_a_strange_captured_size(captured, found):
    assert words(camera={"captured": captured}) == (
        f"mine.yaml: environment.camera.captured: found {found}, "
        "allowed: [width, height] in pixels, each from 16 to 1920"
    )


@pytest.mark.parametrize("tasks", [[{}], [{"scene": "hall", "address": "h:1"}]])
def test_a_task_is_either_a_scene_or_an_address(tasks):
    assert words(tasks=tasks) == (
        "mine.yaml: environment.tasks[0].scene: found both or none of the two, "
        "allowed: either a scene or an address"
    )


@pytest.mark.parametrize(
    "address",
    [
        "",
        "host:",
        "host:0",
        "host:65536",
        "host:123456",
        "ho st:1",
        "host:1:2",
        "::1",
        "http://h:1",
        "h/x",
        "h:1\n",
    ],
)
def test_a_strange_address(address):
    assert words(tasks=[{"address": address}]) == (
        f"mine.yaml: environment.tasks[0].address: found {address!r}, "
        "allowed: HOST or HOST:PORT of a running AirSim"
    )


@pytest.mark.parametrize(("address", "found"), [(41451, "41451"), (None, "nothing"), (["h"], "a list of 1")])
def test_an_address_that_is_no_text(address, found):
    told = words(tasks=[{"address": address}])
    assert told.startswith(f"mine.yaml: environment.tasks[0].address: found {found}, allowed: HOST")


@pytest.mark.parametrize(("scene", "found"), [(7, "7"), (None, "nothing"), ({}, "a mapping")])
def test_a_scene_that_is_no_text(scene, found):
    assert words(tasks=[{"scene": scene}]) == (
        f"mine.yaml: environment.tasks[0].scene: found {found}, allowed: text"
    )


@pytest.mark.parametrize(
    ("starts", "found"),
    [([], "a list of 0"), ([[0, 0, 0, 0]] * 1001, "a list of 1001")],
)
def test_no_starts_or_too_many(starts, found):
    assert words(tasks=[{**SCENE, "starts": starts}]) == (
        f"mine.yaml: environment.tasks[0].starts: found {found}, allowed: 1 to 1000 of [x, y, z, yaw_deg]"
    )


@pytest.mark.parametrize(("starts", "found"), [("here", "'here'"), (None, "nothing"), (3, "3")])
def test_starts_that_are_no_list(starts, found):
    assert words(tasks=[{**SCENE, "starts": starts}]) == (
        f"mine.yaml: environment.tasks[0].starts: found {found}, allowed: a list of [x, y, z, yaw_deg]"
    )


@pytest.mark.parametrize(
    ("start", "found"),
    [
        ([0, 0, 0], "a list of 3"),
        ([0, 0, 0, 0, 0], "a list of 5"),
        (7, "7"),
        (None, "nothing"),
        ({"x": 0}, "a mapping"),
        ([0, 0, "up", 0], "'up'"),
        ([0, None, 0, 0], "nothing"),
        ([True, 0, 0, 0], "True"),
        ([100_001, 0, 0, 0], "100001"),
        ([0, 0, -100_001, 0], "-100001"),
        ([0, 0, 0, 361], "361"),
        ([float("nan"), 0, 0, 0], "nan"),
        ([0, float("inf"), 0, 0], "inf"),
        ([10**400, 0, 0, 0], f"a number of {(10**400).bit_length()} bits"),
    ],
)
def test_a_strange_start_is_told_by_its_number(start, found):
    assert words(tasks=[{**SCENE, "starts": [[0, 0, 0, 0], start]}]) == (
        f"mine.yaml: environment.tasks[0].starts[1]: found {found}, "
        "allowed: [x, y, z, yaw_deg], numbers within +-100000 m and +-360 degrees"
    )


@pytest.mark.parametrize(
    ("data", "where"),
    [
        ({"speed": 1}, "environment.speed"),
        ({"horizon": 100}, "environment.horizon"),
        ({"camera": {"depth": 1}}, "environment.camera.depth"),
        ({"tasks": [{"scene": "hall", "map": "S"}]}, "environment.tasks[0].map"),
    ],
)
def test_a_key_that_nobody_knows(data, where):
    told = words(**data)
    assert told.startswith(f"mine.yaml: {where}: found an unknown key, allowed: ")


@pytest.mark.parametrize(
    ("tasks", "told"),
    [
        ([], "environment.tasks: found 0 tasks, allowed: 1, one per agent"),
        ([SCENE, SCENE], "environment.tasks: found 2 tasks, allowed: 1, one per agent"),
        ("hall", "environment.tasks: found 'hall', allowed: a list of {scene: NAME} or {address: HOST:PORT}"),
        (["hall"], "environment.tasks[0]: found 'hall', allowed: a mapping of keys to values"),
    ],
)
def test_tasks_that_are_not_one_per_agent(tasks, told):
    assert words(tasks=tasks).startswith(f"mine.yaml: {told}")


@pytest.mark.parametrize(("camera", "found"), [(None, "nothing"), ([], "a list of 0"), ("wide", "'wide'")])
def test_a_camera_that_is_no_mapping(camera, found):
    told = words(camera=camera)
    assert told == f"mine.yaml: environment.camera: found {found}, allowed: a mapping of keys to values"


def test_a_drone_scenario_names_its_file(tmp_path):
    path = tmp_path / "drones.yaml"
    path.write_text(
        "fileversion: 1\nrounds: 1\nagents: {count: 1}\ngraph: {topology: isolated}\n"
        "environment: {type: airsim, cap_m: 0, tasks: [{scene: hall}]}\nlearner: {type: a2c}\n"
    )
    with pytest.raises(
        InputError, match=r"drones\.yaml: environment\.cap_m: found 0, allowed: a finite number > 0"
    ):
        load_scenario(path)
    path.write_text(path.read_text().replace("cap_m: 0", "start_yaw_spread_deg: 10"))
    scenario = load_scenario(path)
    assert scenario.environment.navigation.start_yaw_spread_deg == 10
    assert read_document(path)["environment"]["start_yaw_spread_deg"] == 10


def test_scene_file_is_meant_from_where_the_scenario_lies_also_by_a_copy_of_it(tmp_path, monkeypatch):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "drones.yaml").write_text(
        "fileversion: 1\nrounds: 1\nagents: {count: 2}\ngraph: {topology: complete}\n"
        "environment: {type: airsim, tasks: [{scene: halls/wide.yaml}, {scene: hall}]}\n"
        "learner: {type: a2c}\n"
    )
    monkeypatch.chdir(tmp_path)
    scenario = load_scenario("mine/drones.yaml")
    wide, hall = scenario.environment.worlds
    assert (wide.scene, hall.scene) == (str(tmp_path / "mine" / "halls" / "wide.yaml"), "hall")
    assert (str(wide), str(hall)) == ("wide", "hall")
    (tmp_path / "copy.yaml").write_text(scenario.text)
    assert load_scenario("copy.yaml").environment == scenario.environment
