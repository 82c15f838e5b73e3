import pytest

from dcpg_ros.agent.metrics import MetricsRow
from dcpg_ros.cli import progress
from dcpg_ros.cli.progress import ProgressLine

ROWS = [
    MetricsRow(3, "ada", 0.25, 1.5, 2.0, 0, 0, 0, 0),
    MetricsRow(4, "bob", 0.75, 2.5, 4.0, 0, 0, 0, 0),
]


def test_line_tells_the_round_and_the_mean_of_all(capsys, monkeypatch):
    monkeypatch.setattr(progress, "LINE_S", 0.0)
    with ProgressLine(10) as line:
        line.show(3, ROWS)
        line.show(4, [])
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("round 3 of 10  return  0.5000  value  2.0000  disagreement        3  ")
    assert second.startswith("round 4 of 10 ")
    assert first.endswith(" rounds/s")


@pytest.mark.parametrize("shows", [1, 100])
def test_lines_come_now_and_then(capsys, monkeypatch, shows):
    monkeypatch.setattr(progress, "LINE_S", 3600.0)
    with ProgressLine(10) as line:
        for _ in range(shows):
            line.show(3, ROWS)
    assert capsys.readouterr().out == ""
