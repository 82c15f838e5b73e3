import math

import pytest
from numpy.testing import assert_allclose

airsim = pytest.importorskip("airsim")
from msgpackrpc.error import RPCError  # noqa: E402

RED = [1.0, 0.0, 0.0, 1.0]
LINE = [airsim.Vector3r(1, 0, 0), airsim.Vector3r(1, 1, -1)]


@pytest.fixture
def running(serve_room):
    return serve_room()


@pytest.fixture
def markers(running):
    """What is marked now."""
    return lambda: running.simulation.markers.at(running.simulation.airspace.clock.now_ns)


def test_every_kind_of_mark_is_kept_where_it_was_put(running, markers):
    client = running.client()
    client.simPlotPoints(LINE, RED, 10.0, -1.0, True)
    client.simPlotLineStrip(LINE)
    client.simPlotLineList(LINE, is_persistent=True)
    client.simPlotArrows(LINE[:1], LINE[1:])
    client.simPlotStrings(["here"], LINE[:1])
    client.simPlotTransforms([airsim.Pose()])
    client.simPlotTransformsWithNames([airsim.Pose()], ["origin"])
    kept = markers()
    kinds = ["points", "strip", "list", "arrows", "texts", *["list"] * 3, "texts", *["list"] * 3]
    assert [marker.kind for marker in kept] == kinds
    assert_allclose(kept[0].points, [[4, 5, -1.5], [4, 6, -2.5]])  # in the world's frame
    assert kept[0].color == (1, 0, 0)
    assert kept[4].texts == ("here",)
    client.simFlushPersistentMarkers()
    assert [marker.kind for marker in markers()] == [kind for kind in kinds if kind != "points"][:1] + kinds[
        3:
    ]


def test_marks_end_with_their_duration(running, markers):
    client = running.client()
    client.simPause(True)
    client.simPlotPoints(LINE, duration=2.0)
    client.simContinueForTime(1.9)
    assert len(markers()) == 1
    client.simContinueForTime(0.2)
    assert markers() == []


def test_old_marks_make_room_for_new_ones(running, markers):
    client = running.client()
    for _ in range(25):
        client.simPlotPoints([airsim.Vector3r()] * 10_000)
    assert sum(len(marker.points) for marker in markers()) == 100_000


@pytest.mark.parametrize(
    ("plot", "arguments", "reason"),
    [
        ("simPlotPoints", ([airsim.Vector3r(math.nan, 0, 0)],), "points: found"),
        ("simPlotPoints", (LINE, [1.0]), "Expected `array` of length >= 3"),
        ("simPlotPoints", ([airsim.Vector3r()] * 10_001,), "Expected `array` of length <= 10000"),
        ("simPlotLineList", (LINE[:1],), "points: found 1, allowed: an even number"),
        ("simPlotArrows", (LINE, LINE[:1]), "2 starts and 1 ends"),
        ("simPlotStrings", (["a"], LINE), "1 words for 2 places"),
    ],
)
def test_marks_that_make_no_sense_are_refused(running, markers, plot, arguments, reason):
    with pytest.raises(RPCError, match=reason):
        getattr(running.client(), plot)(*arguments)
    assert markers() == []


def test_a_trace_line_is_accepted(running):
    running.client().simSetTraceLine(RED, thickness=3.0)
