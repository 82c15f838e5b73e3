import math
import time

import numpy as np
import pytest
from numpy.testing import assert_allclose

airsim = pytest.importorskip("airsim")
from msgpackrpc.error import RPCError  # noqa: E402

CRATE = [5.0, 2.5, 1.0]  # from the player start


def pose_at(*position):
    return airsim.Pose(airsim.Vector3r(*map(float, position)))


def ahead(client):
    """How far the wall or whatever is in front of the player start is, by its depth picture."""
    response = client.simGetImages([airsim.ImageRequest("0", 1, True, False)])[0]
    return response.image_data_float[response.width * response.height // 2 + response.width // 2]


def test_bodies_and_vehicles_are_listed_by_patterns_in_any_case(client):
    everything = client.simListSceneObjects()
    assert {"floor", "ceiling", "crate", "SimpleFlight"} <= set(everything)
    walls = client.simListSceneObjects("WALL.*")
    assert walls
    assert all(name.startswith("wall") for name in walls)
    assert client.simListSceneObjects("crat") == []
    assert client.simListSceneObjects("[a-z]rate|floor") == ["floor", "crate"]
    assert client.simListSceneObjects(".*rat.*|.*loo.*|.*eilin.*") == ["floor", "ceiling", "crate"]


def test_lamps_are_objects_that_have_a_place_and_no_body(client):
    assert client.simListSceneObjects("PointLight.*") == ["PointLight_0"]
    pose = client.simGetObjectPose("PointLight_0")
    assert_allclose([*pose.position], [3.0, 0.0, -1.3])
    seen = ahead(client)
    assert client.simDestroyObject("PointLight_0")
    lamp = client.simSpawnObject("PointLight", "PointLightBP", pose, airsim.Vector3r(1, 1, 1), False, True)
    assert client.simSetObjectPose(lamp, pose_at(1, 0, 0))
    assert ahead(client) == seen
    client.simSetVehiclePose(pose_at(2, 0, 0), False)
    assert not client.simGetCollisionInfo().has_collided


def test_materials_are_accepted_for_what_is_there(client):
    assert client.simSetObjectMaterialFromTexture("crate", "a.png")
    assert not client.simSetObjectMaterial("crater", "M")


@pytest.mark.parametrize(
    "pattern",
    [
        "(",
        "[",
        "(a+)+b",
        "(.|x)*y",
        "a*a*a*a*a*a*b",
        "*",
        "x{999999999999}",
        "a?" * 40 + "a" * 40,
        "(aa|a)" * 30,
        "(?#[)(a|aa)*b(?#])",
        "(?x)(a|aa) *b",
        ".*.*.*.*b",
    ],
)
def test_a_pattern_that_is_none_or_takes_for_ever_is_refused(client, pattern):
    start = time.monotonic()
    with pytest.raises(RPCError, match=r"name_regex: found .*, allowed: |Expected"):
        client.simListSceneObjects(pattern)
    assert time.monotonic() - start < 5


def test_poses_count_from_the_player_start(client):
    assert_allclose([*client.simGetObjectPose("crate").position], CRATE, atol=1e-9)
    client.simSetVehiclePose(pose_at(1, 2, 0), True)
    assert_allclose([*client.simGetObjectPose("SimpleFlight").position], [1, 2, 0], atol=1e-9)


def test_what_is_not_there_has_no_pose(client):
    assert client.simGetObjectPose("Non-Existent").containsNan()
    assert client.simGetObjectScale("Non-Existent").containsNan()
    assert client.simSetObjectPose("Non-Existent", pose_at(0, 0, 0)) is False
    assert client.simSetObjectScale("Non-Existent", airsim.Vector3r(1, 1, 1)) is False
    assert client.simDestroyObject("Non-Existent") is False
    assert client.simSetSegmentationObjectID("Non-Existent", 5) is False
    assert client.simGetSegmentationObjectID("Non-Existent") == -1


def test_a_moved_body_is_seen_and_hit_where_it_is(client):
    assert ahead(client) == pytest.approx(8, abs=1e-3)
    assert client.simSetObjectPose("crate", pose_at(4, 0, 0)) is True
    assert ahead(client) == pytest.approx(3.5, abs=1e-3)
    client.simSetVehiclePose(pose_at(6, 0, 0), False)
    assert client.simGetVehiclePose().position.x_val == pytest.approx(3.25, abs=1e-3)
    assert client.simGetCollisionInfo().object_name == "crate"


def test_a_scaled_body_is_seen_as_large_as_it_is(client):
    client.simSetObjectPose("crate", pose_at(4, 0, 0))
    assert client.simSetObjectScale("crate", airsim.Vector3r(2.0, 1.0, 0.5)) is True
    assert [*client.simGetObjectScale("crate")] == [2, 1, 0.5]
    assert ahead(client) == pytest.approx(3, abs=1e-3)


def test_bodies_are_spawned_and_destroyed(client):
    assert "Cube" in client.simListAssets()
    scale = airsim.Vector3r(1.0, 1.0, 1.0)
    assert client.simSpawnObject("New", "Cube", pose_at(3, 0, 0), scale) == "New"
    again = client.simSpawnObject("New", "Cylinder", pose_at(0, 3, 0), scale, True)
    assert again != "New"
    assert {"New", again} <= set(client.simListSceneObjects())
    assert ahead(client) == pytest.approx(2.5, abs=1e-3)
    assert client.simDestroyObject("New") is True
    assert ahead(client) == pytest.approx(8, abs=1e-3)


@pytest.mark.parametrize("scale", [(0, 1, 1), (1, -1, 1), (1, 1, math.nan), (1e9, 1, 1)])
def test_a_scale_that_is_none_is_refused(client, scale):
    for call in (
        lambda: client.simSetObjectScale("crate", airsim.Vector3r(*scale)),
        lambda: client.simSpawnObject("New", "Cube", pose_at(0, 0, 0), airsim.Vector3r(*scale)),
    ):
        with pytest.raises(RPCError, match="scale: found"):
            call()
    assert [*client.simGetObjectScale("crate")] == [1, 1, 1]


def test_what_cannot_be_spawned_is_refused_by_name(client):
    with pytest.raises(RPCError, match="asset_name: found 'Castle', allowed: one of Cube, "):
        client.simSpawnObject("New", "Castle", pose_at(0, 0, 0), airsim.Vector3r(1, 1, 1))


def test_segmentation_ids_are_told_as_they_were_set(client):
    assert client.simSetSegmentationObjectID("CRATE", 20) is True
    assert client.simGetSegmentationObjectID("crate") == 20
    assert client.simSetSegmentationObjectID(r"[\w]*", 0, True) is True
    assert client.simGetSegmentationObjectID("crate") == 0
    with pytest.raises(RPCError, match="Expected `int` <= 255"):
        client.simSetSegmentationObjectID("crate", 256)


def test_only_the_scene_that_is_there_can_be_loaded(client):
    assert client.simLoadLevel("room") is True
    assert client.simLoadLevel("Neighbourhood") is False


def test_sight_ends_at_walls_and_bodies(client):
    home = client.getHomeGeoPoint()
    north = airsim.GeoPoint()
    north.latitude, north.longitude, north.altitude = (
        home.latitude + 4 / 111_180,
        home.longitude,
        home.altitude,
    )
    beyond = airsim.GeoPoint()
    beyond.latitude, beyond.longitude, beyond.altitude = home.latitude + 1, home.longitude, home.altitude
    assert client.simTestLineOfSightToPoint(north) is True
    assert client.simTestLineOfSightToPoint(beyond) is False
    assert client.simTestLineOfSightBetweenPoints(home, north) is True
    client.simSetObjectPose("crate", pose_at(2, 0, 0))
    assert client.simTestLineOfSightBetweenPoints(home, north) is False


def test_the_extents_are_the_scenes(client):
    low, high = (
        np.array([point["latitude"], point["altitude"]]) for point in client.client.call("simGetWorldExtents")
    )
    assert (high[0] - low[0]) * 111_180 == pytest.approx(12, abs=0.1)
    assert high[1] - low[1] == pytest.approx(3, abs=1e-3)
