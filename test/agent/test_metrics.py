import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcpg_ros.agent.metrics import (
    HEADER,
    MetricsLog,
    MetricsRow,
    merge_metrics,
    read_metrics,
    rewrite_metrics,
    truncate_metrics,
)
from dcpg_ros.agent.run_folder import RunFolder

FINITE = st.floats(allow_nan=False)
WHOLE = st.integers(0, 10**15)
NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,10}", fullmatch=True)
ROWS = st.lists(
    st.builds(MetricsRow, WHOLE, NAMES, FINITE, FINITE, FINITE, FINITE, FINITE, WHOLE, WHOLE), max_size=5
)


def row(round, agent="ada", bytes=100):
    return MetricsRow(round, agent, 0.1 * round, -0.25, 1e-17 * round, 3.5, 1 / 3, bytes, 12 * round)


def written(path, rows):
    with MetricsLog(path) as log:
        log.write(rows)
    return path


@given(ROWS)
def test_rows_are_read_as_they_were_written(scratch, rows):
    assert read_metrics(written(scratch / "metrics.csv", rows)) == rows


def test_columns_are_those_of_the_design(tmp_path):
    path = written(tmp_path / "metrics.csv", [row(3)])
    with path.open(newline="") as file:
        [first] = csv.DictReader(file)
    names = "round agent return value disagreement increment_norm round_s bytes environment_steps"
    assert list(first) == names.split() == HEADER
    assert (first["round"], first["agent"], float(first["return"]), first["bytes"]) == (
        "3",
        "ada",
        row(3).return_,
        "100",
    )


def test_row_is_on_disk_as_soon_as_it_is_written(tmp_path):
    path = tmp_path / "logs" / "metrics.csv"
    with MetricsLog(path) as log:
        assert read_metrics(path) == []
        for round in range(3):
            log.write([row(round)])
            assert read_metrics(path) == [row(each) for each in range(round + 1)]


def test_appending_goes_on_and_not_appending_begins_anew(tmp_path):
    path = tmp_path / "metrics.csv"
    for round in (1, 2):
        with MetricsLog(path, append=True) as log:
            log.write([row(round)])
    assert read_metrics(path) == [row(1), row(2)]
    assert path.read_text().count("agent") == 1  # one header
    assert read_metrics(written(path, [row(3)])) == [row(3)]


def test_file_cut_anywhere_gives_the_rows_that_are_whole(tmp_path):
    rows = [row(9), row(10, "bob"), row(11)]
    whole = written(tmp_path / "whole.csv", rows).read_bytes()
    ends = [position + 1 for position, byte in enumerate(whole) if byte == ord("\n")][1:]
    path = tmp_path / "cut.csv"
    for length in range(len(whole) + 1):
        path.write_bytes(whole[:length])
        assert read_metrics(path) == rows[: sum(end <= length for end in ends)]


def test_tail_of_any_length_gives_the_last_rows_that_are_whole(tmp_path):
    rows = [row(round) for round in (98, 99, 100, 1234)]
    path = written(tmp_path / "metrics.csv", rows)
    for tail in range(path.stat().st_size + 10):
        found = read_metrics(path, tail)
        assert found == rows[len(rows) - len(found) :]
    assert read_metrics(path, 10**6) == rows


@pytest.mark.parametrize(
    "line",
    [
        *("", ",", "1,ada", "one,ada,0,0,0,0,0,0,0", "1,ada,0,0,0,0,0,0", "1,ada,0,0,0,0,0,0,0,0"),
        *("1,ada,x,0,0,0,0,0,0", "1.5,ada,0,0,0,0,0,0,0", "1,ada,0,0,0,0,0,1e3,0", "\x00" * 40, "\xff\xfe"),
    ],
)
def test_damaged_line_is_left_out(tmp_path, line):
    path = written(tmp_path / "metrics.csv", [row(1)])
    with path.open("ab") as file:
        file.write(line.encode("latin-1") + b"\r\n")
    with MetricsLog(path, append=True) as log:
        log.write([row(2)])
    assert read_metrics(path) == [row(1), row(2)]


def test_stray_quote_costs_its_own_line_and_no_other(tmp_path):
    rows = [row(round) for round in range(3000)]
    path = written(tmp_path / "metrics.csv", rows)
    lines = path.read_bytes().splitlines(keepends=True)
    lines[100] = b'"' + lines[100]
    path.write_bytes(b"".join(lines))
    assert read_metrics(path) == [*rows[:99], *rows[100:]]


@given(st.binary(max_size=300))
def test_noise_is_no_row_and_no_error(scratch, noise):
    path = scratch / "noise.csv"
    path.write_bytes(noise)
    assert all(isinstance(found, MetricsRow) for found in read_metrics(path))


def test_truncating_forgets_what_will_be_done_again(tmp_path):
    path = tmp_path / "metrics.csv"
    truncate_metrics(path, {"ada": 3})
    assert not path.exists()
    written(path, [row(round, name) for round in (1, 2, 3, 4) for name in ("ada", "bob")])
    truncate_metrics(path, {"ada": 3, "bob": 2})
    assert [(found.round, found.agent) for found in read_metrics(path)] == [
        *((1, "ada"), (1, "bob"), (2, "ada"), (2, "bob"), (3, "ada")),
    ]


def test_truncating_stumbles_over_no_row(tmp_path):
    path = written(tmp_path / "metrics.csv", [row(1), row(2, "adb"), row(3)])  # a bit has flipped
    truncate_metrics(path, {"ada": 3})
    assert [found.round for found in read_metrics(path) if found.agent == "ada"] == [1, 3]


def test_rewriting_is_writing(tmp_path):
    rows = [row(1), row(2, "bob")]
    rewrite_metrics(tmp_path / "rewritten.csv", rows)
    assert (tmp_path / "rewritten.csv").read_bytes() == written(tmp_path / "written.csv", rows).read_bytes()


def test_agents_rows_are_merged_in_the_order_of_rounds_and_agents(tmp_path):
    folder = RunFolder.create(tmp_path, "")
    agents = ("zoe", "ada")
    written(folder.metrics, [row(1, "zoe"), row(1, "ada"), row(2, "ada")])
    written(folder.agent_metrics("zoe"), [row(2, "zoe"), row(3, "zoe")])
    written(folder.agent_metrics("ada"), [row(2, "ada", bytes=999), row(3, "ada"), row(3, "eve")])
    merge_metrics(folder, agents)
    assert read_metrics(folder.metrics) == [
        *(row(1, "zoe"), row(1, "ada")),
        *(row(2, "zoe"), row(2, "ada", bytes=999)),  # the later word counts
        *(row(3, "zoe"), row(3, "ada")),
    ]
    assert not list(folder.logs.iterdir())  # moved, not copied


def test_merging_without_anything_to_merge_changes_nothing(tmp_path):
    folder = RunFolder.create(tmp_path, "")
    merge_metrics(folder, ("ada",))
    assert not folder.metrics.exists()
    written(folder.metrics, [row(2), row(1)])
    merge_metrics(folder, ("ada",))
    assert read_metrics(folder.metrics) == [row(2), row(1)]


def test_merging_again_changes_nothing(tmp_path):
    folder = RunFolder.create(tmp_path, "")
    written(folder.agent_metrics("ada"), [row(1), row(2)])
    merge_metrics(folder, ("ada",))
    before = folder.metrics.read_bytes()
    merge_metrics(folder, ("ada",))
    assert folder.metrics.read_bytes() == before


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no disk that is always full")
def test_full_disk_is_told_with_the_name_of_the_file():
    with (
        pytest.raises(OSError, match=r"No space left on device: '/dev/full'"),
        MetricsLog(Path("/dev/full"), append=True) as log,
    ):
        log.write([MetricsRow(1, "ada", 0.0, 0.0, 0.0, 0.0, 0.0, 0, 0)])
