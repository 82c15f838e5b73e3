import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from dcpg_ros.analysis.flight_pictures import HIGHLIGHT, flights_figure
from dcpg_ros.analysis.safe_flights import (
    SafeFlights,
    distinct_names,
    joined,
    markdown,
    pooled,
    read_flights,
    worst,
    write_flights,
    write_table,
)
from dcpg_ros.core.errors import InputError


@pytest.fixture
def flown():
    """Two policies, two worlds, two flights."""
    distances = np.array([[[1.0, 3.0], [10.0, 10.0]], [[4.0, 8.0], [2.0, 20.0]]])
    return SafeFlights(("alone", "average"), ("hall", "maze"), distances, distances >= 20)


def same(first, second):
    assert (first.policies, first.worlds) == (second.policies, second.worlds)
    assert_array_equal(first.distance_m, second.distance_m)
    assert_array_equal(first.capped, second.capped)


def test_mean_deviation_and_sum_by_hand(flown):
    assert_allclose(flown.msf_m, [[2, 10], [6, 11]])
    assert_allclose(flown.std_m, [[1, 0], [2, 9]])
    assert_allclose(flown.sum_m, [12, 17])
    assert worst(flown) == "alone"


def test_flights_come_back_from_the_file_to_the_bit(flown, tmp_path):
    odd = SafeFlights(flown.policies, ("a, b", 'the "maze"'), flown.distance_m / 3, ~flown.capped)
    modes = {"sampled": flown, "greedy": odd}
    write_flights(tmp_path / "flights.csv", modes)
    found = read_flights(tmp_path / "flights.csv")
    assert list(found) == list(modes)
    for mode, part in modes.items():
        same(found[mode], part)
    lines = (tmp_path / "flights.csv").read_text().splitlines()
    assert lines[0] == "mode,policy,world,flight,distance_m,capped"
    assert lines[1] == "sampled,alone,hall,0,1.0,0"
    assert len(lines) == 1 + 2 * 2 * 2 * 2


@pytest.mark.parametrize(
    "text", ["round,agent\n1,agent_0\n", "mode,policy,world,distance_m,capped\na,b,c,x,0\n"]
)
def test_other_rows_are_refused(tmp_path, text):
    path = tmp_path / "flights.csv"
    path.write_text(text)
    with pytest.raises(InputError, match="other rows"):
        read_flights(path)
    with pytest.raises(InputError, match="No such file"):
        read_flights(tmp_path / "nowhere.csv")


def test_table_has_a_row_for_each_policy_and_world(flown, tmp_path):
    write_table(tmp_path / "msf.csv", {"sampled": flown})
    assert (tmp_path / "msf.csv").read_text().splitlines() == [
        "mode,policy,world,msf_m,std_m,capped,flights",
        "sampled,alone,hall,2.000,1.000,0,2",
        "sampled,alone,maze,10.000,0.000,0,2",
        "sampled,average,hall,6.000,2.000,0,2",
        "sampled,average,maze,11.000,9.000,1,2",
    ]


def test_markdown_marks_the_best_of_each_column_and_counts_the_capped(flown):
    assert markdown(flown).splitlines() == [
        "| policy  |          hall |               maze |      sum |",
        "|---------|--------------:|-------------------:|---------:|",
        "| alone   |     2.0 ± 1.0 |         10.0 ± 0.0 |     12.0 |",
        "| average | **6.0 ± 2.0** | **11.0 ± 9.0 (1)** | **17.0** |",
    ]


def test_seeds_are_pooled_and_policies_joined(flown):
    again = SafeFlights(flown.policies, flown.worlds, flown.distance_m + 2, flown.capped)
    both = pooled([flown, again])
    assert both.distance_m.shape == (2, 2, 4)
    assert_allclose(both.msf_m, flown.msf_m + 1)
    assert_array_equal(both.capped.sum(axis=2), [[0, 0], [0, 2]])
    same(joined([flown.of("alone"), flown.of("average")]), flown)
    swapped = flown.of("average", "alone")
    assert_array_equal(swapped.distance_m, flown.distance_m[::-1])
    assert flown.of("average").renamed("DCPG").policies == ("DCPG",)


def test_worlds_of_one_name_are_told_apart():
    assert distinct_names(["hall", "maze", "hall"]) == ("hall 0", "maze", "hall 2")
    assert distinct_names(["hall", "maze"]) == ("hall", "maze")


def test_bars_are_as_high_as_the_means(flown):
    (axes,) = flights_figure({"sampled": flown}, cap_m=20.0).axes
    bars = {
        container.get_label(): container for container in axes.containers if hasattr(container, "patches")
    }
    for policy, heights in zip(flown.policies, flown.msf_m, strict=True):
        assert_allclose([patch.get_height() for patch in bars[policy].patches], heights)
    assert [text.get_text() for text in axes.texts] == ["1"]  # flights that hit the cap
    red, green, blue, _ = bars["average"].patches[0].get_facecolor()
    assert f"#{round(255 * red):02x}{round(255 * green):02x}{round(255 * blue):02x}" == HIGHLIGHT
    assert [label.get_text() for label in axes.get_xticklabels()] == ["hall", "maze"]
