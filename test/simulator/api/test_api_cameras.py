import io
import math

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from PIL import Image

airsim = pytest.importorskip("airsim")
from msgpackrpc.error import RPCError  # noqa: E402

AHEAD = 8.0  # m from the player start to the wall it looks at


def image(client, kind, camera="0", as_float=False, compress=False, name=""):
    return client.simGetImages([airsim.ImageRequest(camera, kind, as_float, compress)], name)[0]


def floats(response):
    return np.array(response.image_data_float).reshape(response.height, response.width)


def bytes_of(response):
    pixels = np.frombuffer(response.image_data_uint8, np.uint8)
    return pixels.reshape(response.height, response.width, 3)


def test_depth_is_that_of_the_wall_ahead(client):
    planar = floats(image(client, airsim.ImageType.DepthPlanar, as_float=True))
    assert planar.shape == (144, 256)
    assert_allclose(planar[72, 120:136], AHEAD, atol=1e-3)
    perspective = floats(image(client, airsim.ImageType.DepthPerspective, as_float=True))
    across = (np.arange(256) + 0.5 - 128) / 128
    assert_allclose(perspective[72, 120:136], AHEAD * np.sqrt(1 + across[120:136] ** 2), atol=1e-3)


def test_depth_vis_is_a_hundredth_of_the_metres(client):
    response = image(client, airsim.ImageType.DepthVis)
    assert_array_equal(bytes_of(response)[72, 128], round(AHEAD / 100 * 255))
    assert floats(image(client, airsim.ImageType.DepthVis, as_float=True))[72, 128] == pytest.approx(0.08)


def test_raw_pictures_are_bgr_and_pngs_show_the_same(client):
    raw = bytes_of(image(client, airsim.ImageType.Scene))
    blue, green, red = raw[72, 128].astype(int)  # of a red wall
    assert red > 2 * green
    assert red > 2 * blue
    png = np.array(
        Image.open(io.BytesIO(image(client, airsim.ImageType.Scene, compress=True).image_data_uint8))
    )
    assert_array_equal(png[..., ::-1], raw)
    assert client.simGetImage("0", airsim.ImageType.Scene) == image(client, 0, compress=True).image_data_uint8


def test_pictures_of_one_pose_are_the_same_each_time(client):
    first = image(client, airsim.ImageType.Scene).image_data_uint8
    client.simSetVehiclePose(airsim.Pose(airsim.Vector3r(1, 1, 0)), True)
    assert image(client, airsim.ImageType.Scene).image_data_uint8 != first
    client.simSetVehiclePose(airsim.Pose(), True)
    assert image(client, airsim.ImageType.Scene).image_data_uint8 == first


def test_segmentation_shows_the_ids_that_were_set(client):
    client.simSetSegmentationObjectID(".*", 7, True)
    everything = np.unique(bytes_of(image(client, airsim.ImageType.Segmentation)).reshape(-1, 3), axis=0)
    assert len(everything) == 1
    client.simSetSegmentationObjectID("crate", 9)
    pixels = bytes_of(image(client, airsim.ImageType.Segmentation)).reshape(-1, 3)
    assert len(np.unique(pixels, axis=0)) == 2


def test_normals_of_the_wall_ahead_point_back(client):
    blue, green, red = bytes_of(image(client, airsim.ImageType.SurfaceNormals))[72, 128]
    assert (red, green, blue) == (0, 128, 128)  # north, east, down = -1, 0, 0


@pytest.mark.parametrize("kind", [8, 9, -1, 1000])
def test_a_kind_of_picture_that_there_is_none_of_is_empty_and_says_so(client, kind):
    response = image(client, kind)
    assert (response.width, response.height, response.image_data_uint8) == (0, 0, b"")
    assert "not modelled" in response.message
    assert client.simGetImage("0", kind) == b""


def test_both_arities_are_answered(client):
    request = [airsim.ImageRequest("0", 0, False, False)]
    old, new = (client.client.call("simGetImages", request, "", *more) for more in ([], [False]))
    assert old[0]["image_data_uint8"] == new[0]["image_data_uint8"]
    assert client.client.call("simGetCameraInfo", "0", "")["fov"] == 90


def test_several_pictures_come_together_in_their_order(client):
    kinds = [3, 0, 5, 6, 0]
    responses = client.simGetImages([airsim.ImageRequest("0", kind, False, False) for kind in kinds])
    assert [response.image_type for response in responses] == kinds
    assert responses[1].image_data_uint8 == responses[4].image_data_uint8


@pytest.mark.parametrize(
    ("camera", "direction"),
    [
        ("0", 0),
        ("", 0),
        ("fpv", 0),
        ("1", 0),
        ("2", 0),
        ("front_center", 0),
        ("4", 180),
        ("back_center", 180),
    ],
)
def test_cameras_look_where_their_names_say(client, camera, direction):
    assert math.degrees(
        abs(airsim.to_eularian_angles(client.simGetCameraInfo(camera).pose.orientation)[2])
    ) == pytest.approx(direction)


def test_the_bottom_camera_sees_the_floor(client):
    assert_allclose(floats(image(client, 1, "3", as_float=True))[72, 128], 1.5, atol=1e-3)


def test_a_camera_can_be_turned_moved_and_widened(client):
    right = airsim.Pose(airsim.Vector3r(0.5, 0.0, 0.0), airsim.to_quaternion(0, 0, math.pi / 2))
    client.simSetCameraPose("0", right)
    assert_allclose(floats(image(client, 1, as_float=True))[60, 128], 4.0, atol=1e-3)
    assert_allclose([*client.simGetCameraInfo("0").pose.position], [0.5, 0, 0], atol=1e-9)
    client.simSetCameraFov("0", 120)
    info = client.simGetCameraInfo("0")
    assert info.fov == 120
    assert info.proj_mat.matrix[0][1] == pytest.approx(1 / math.tan(math.radians(60)))
    depth = floats(image(client, 2, as_float=True))
    across = math.tan(math.radians(60)) * (0.5 - 127.5 / 256) * 2
    assert depth[60, 128] == pytest.approx(4 * math.hypot(1, across, across * (60.5 - 72) / 0.5), abs=0.05)


def test_a_camera_may_have_its_own_vertical_field_of_view(serve_room):
    capture = {"Width": 32, "Height": 32, "FOV_Degrees": 90, "FOV_Vertical_Degrees": 60}
    captures = [{"ImageType": kind, **capture} for kind in (0, 2)]
    client = serve_room({"CameraDefaults": {"CaptureSettings": captures}}).client()
    matrix = client.simGetCameraInfo("0").proj_mat.matrix
    assert matrix[0][1] == pytest.approx(1)
    assert matrix[1][2] == pytest.approx(-math.sqrt(3))
    client.simSetCameraFov("0", 120)  # tan 30 tan 60 = 1: the vertical one is 90 then
    matrix = client.simGetCameraInfo("0").proj_mat.matrix
    assert matrix[0][1] == pytest.approx(1 / math.sqrt(3))
    assert matrix[1][2] == pytest.approx(-1)


def test_pictures_are_told_where_they_were_taken_in_the_vehicles_frame(serve_room):
    client = serve_room({"Vehicles": {"A": {}, "B": {"X": 2.0, "Y": 1.0, "Z": 0.0}}}).client()
    client.simSetVehiclePose(airsim.Pose(airsim.Vector3r(1, 0, 0)), True, "B")
    response = image(client, 0, name="B")
    assert [*response.camera_position] == [1, 0, 0]


def test_lenses_and_mountings_come_from_the_settings(serve_room):
    captures = [
        {"ImageType": 0, "Width": 32, "Height": 18, "FOV_Degrees": 80},
        {"ImageType": 1, "Width": 16, "Height": 10},
    ]
    rear = {"X": -0.1, "Yaw": 180, "CaptureSettings": [{"ImageType": 0, "Width": 20, "Height": 20}]}
    settings = {
        "CameraDefaults": {"CaptureSettings": captures},
        "Vehicles": {"A": {"Cameras": {"rear": rear, "0": {"Pitch": -90}}}},
    }
    client = serve_room(settings).client()
    scene, depth = image(client, 0), image(client, 1, as_float=True)
    assert (scene.width, scene.height, depth.width, depth.height) == (32, 18, 16, 10)
    assert_allclose(floats(depth)[4:6, 7:9], 1.5, atol=1e-3)  # "0" looks down
    assert client.simGetCameraInfo("1").fov == 80
    assert image(client, 0, "rear").width == 20
    assert_allclose(floats(image(client, 1, "rear", as_float=True))[5, 8], 2 - 0.1, atol=0.05)


@pytest.mark.parametrize("camera", ["5", "nose", "front_centre"])
def test_an_unknown_camera_is_refused_by_name(client, camera):
    with pytest.raises(
        RPCError, match=f"no camera is called '{camera}' on SimpleFlight; there are front_center"
    ):
        image(client, 0, camera)


def test_external_cameras_stand_still_from_the_player_start(serve_room):
    tower = {"X": 2, "Z": -1, "Pitch": -90, "CaptureSettings": [{"ImageType": 1, "Width": 9, "Height": 9}]}
    client = serve_room({"ExternalCameras": {"tower": tower}}).client()
    client.simSetVehiclePose(airsim.Pose(airsim.Vector3r(1, 1, 0)), True)
    info = client.simGetCameraInfo("tower", external=True)
    assert_allclose([*info.pose.position], [2, 0, -1])
    request = airsim.ImageRequest("tower", airsim.ImageType.DepthPlanar, True, False)
    down = client.simGetImages([request], external=True)[0]
    assert_allclose(floats(down), 2.5, atol=1e-3)  # the floor, 1.5 m below the start
    assert_allclose([*down.camera_position], [2, 0, -1])
    client.simSetCameraPose("tower", airsim.Pose(airsim.Vector3r(0, 0, 0)), external=True)
    assert_allclose(floats(client.simGetImages([request], external=True)[0])[4, 4], AHEAD, atol=1e-3)
    with pytest.raises(RPCError, match="no camera is called 'tower'"):
        client.simGetCameraInfo("tower")
    client.reset()
    assert_allclose([*client.simGetCameraInfo("tower", external=True).pose.position], [2, 0, -1])


def test_an_unknown_external_camera_is_refused(client):
    with pytest.raises(RPCError, match="no external camera is called 'tower'; there are none"):
        client.simGetCameraInfo("tower", external=True)


@pytest.mark.parametrize("fov", [0, 180, -5, math.nan])
def test_a_field_of_view_that_is_none_is_refused(client, fov):
    with pytest.raises(RPCError, match="Expected `float`"):
        client.simSetCameraFov("0", fov)


def test_distortion_is_remembered(client):
    client.simSetDistortionParams("0", {"K1": 0.1, "P2": 0.5})
    assert client.simGetDistortionParams("0") == [0.1, 0.0, 0.0, 0.0, 0.5]
    with pytest.raises(RPCError, match="param_name: found 'K9'"):
        client.simSetDistortionParam("0", "K9", 1.0)


def test_nothing_is_detected(client):
    client.simAddDetectionFilterMeshName("0", 0, "crate*")
    client.simSetDetectionFilterRadius("0", 0, 200 * 100)
    assert client.simGetDetections("0", 0) == []
    client.simClearDetectionMeshNames("0", 0)
