"""The script behind the drones of the front page: what it tells of a run."""

import sys
from pathlib import Path

import numpy as np
import pytest

from dcpg_ros.analysis.safe_flights import SafeFlights

sys.path.append(str(Path(__file__).parents[2]))
pytest.importorskip("experiments", reason="needs the source tree")

from experiments.drones_quick import in_words

POLICIES = ("untrained", "agent_0", "agent_1", "average")


def flown(average_m):
    """Two worlds, four flights each, all alike."""
    msf_m = np.array([[2.0, 4.0], [15.0, 40.0], [30.0, 20.0], average_m])
    return SafeFlights(
        POLICIES, ("hall", "attic"), np.repeat(msf_m[..., None], 4, axis=2), np.zeros((4, 2, 4), bool)
    )


def test_the_average_is_compared_with_the_untrained_policy_world_by_world():
    text = in_words(flown([11.0, 36.0]), 250, 451.6)

    assert "250 rounds" in text
    assert "7 min 32 s" in text
    assert "Worst agent: agent_1." in text
    *_, ratios = text.splitlines()
    assert [cell.strip() for cell in ratios.strip("|").split("|")] == [
        "average", "5.5", "9.0", "5.5", ">= 5 within 15 min", "met",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("average_m", "wall_s"), [([9.0, 36.0], 400.0), ([11.0, 36.0], 901.0)], ids=["too near", "too late"]
)
def test_what_falls_short_is_told(average_m, wall_s):
    assert "NOT MET" in in_words(flown(average_m), 250, wall_s)
