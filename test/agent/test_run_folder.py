import os
import threading

import pytest

from dcpg_ros.agent.run_folder import RunFolder, write_atomically
from dcpg_ros.core.errors import InputError


def content(folder):
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def fill(folder):
    """What a run leaves in its folder."""
    (folder.checkpoints / "ada").mkdir()
    (folder.checkpoints / "ada" / "0000000001.safetensors").write_text("theta")
    folder.agent_metrics("ada").write_text("rows")
    (folder.logs / "ada.log").write_text("words")
    for path in (folder.summary, folder.metrics, folder.path / "policy.png", folder.path / "learning.png"):
        path.write_text("old")


def test_new_folder_is_ready_for_a_run(tmp_path):
    folder = RunFolder.create(tmp_path / "deep" / "run", "seed: 1\n")
    assert content(folder.path) == {"scenario.yaml": "seed: 1\n"}
    assert folder.logs.is_dir()
    assert folder.checkpoints.is_dir()
    assert RunFolder.existing(folder.path).scenario.read_text() == "seed: 1\n"


def test_folder_with_other_things_will_do_and_keeps_them(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    RunFolder.create(tmp_path, "seed: 1\n")
    assert content(tmp_path) == {"notes.txt": "mine", "scenario.yaml": "seed: 1\n"}


def test_folder_with_a_run_is_refused_and_left_as_it_is(tmp_path):
    fill(RunFolder.create(tmp_path, "seed: 1\n"))
    before = content(tmp_path)
    with pytest.raises(InputError, match=f"^{tmp_path}: found a run, allowed: .*--force"):
        RunFolder.create(tmp_path, "seed: 2\n")
    assert content(tmp_path) == before


def test_force_removes_the_run_and_nothing_else(tmp_path):
    fill(RunFolder.create(tmp_path, "seed: 1\n"))
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "holiday.png").write_text("mine")
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "summary.json").write_text("mine")
    RunFolder.create(tmp_path, "seed: 2\n", force=True)
    kept = {"notes.txt": "mine", "holiday.png": "mine", "more/summary.json": "mine"}
    assert content(tmp_path) == {"scenario.yaml": "seed: 2\n", **kept}


def test_run_under_way_is_left_alone_until_its_process_lets_go(tmp_path):
    working = RunFolder.create(tmp_path, "seed: 1\n", exclusive=True)
    fill(working)
    before = content(tmp_path)
    with pytest.raises(InputError, match=f"^{tmp_path}: found a run under way, allowed: "):
        RunFolder.create(tmp_path, "seed: 2\n", force=True, exclusive=True)
    with pytest.raises(InputError, match="found a run under way"):
        RunFolder.existing(tmp_path).claim()
    assert content(tmp_path) == before
    del working
    RunFolder.existing(tmp_path).claim()
    RunFolder.create(tmp_path, "seed: 2\n", force=True, exclusive=True)


def test_force_is_no_harm_where_there_is_no_run(tmp_path):
    RunFolder.create(tmp_path / "run", "seed: 2\n", force=True)
    assert content(tmp_path / "run") == {"scenario.yaml": "seed: 2\n"}


@pytest.mark.parametrize("place", ["file", "file/below", "name" * 100])
def test_path_that_cannot_be_a_folder_is_refused(tmp_path, place):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InputError) as caught:
        RunFolder.create(tmp_path / place, "seed: 1\n")
    assert caught.value.where == str(tmp_path / place)
    assert content(tmp_path) == {"file": "mine"}


@pytest.mark.parametrize("place", ["missing", "empty", "file", "name" * 100])
def test_folder_without_a_run_cannot_be_gone_on_with(tmp_path, place):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InputError) as caught:
        RunFolder.existing(tmp_path / place)
    assert caught.value.where == str(tmp_path / place)


def test_written_file_replaces_the_old_one_and_nothing_is_left_over(tmp_path):
    path = tmp_path / "file"
    for text in (b"first", b"second, longer", b""):
        write_atomically(path, text)
        assert path.read_bytes() == text
        assert os.listdir(tmp_path) == ["file"]


def test_failed_writing_leaves_the_old_content_and_nothing_else(tmp_path):
    path = tmp_path / "file"
    write_atomically(path, b"old")
    with pytest.raises(TypeError):
        write_atomically(path, "no bytes")
    with pytest.raises(OSError, match="No such file"):
        write_atomically(tmp_path / "missing" / "file", b"new")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file"]


def test_reader_meets_the_old_content_or_the_new_one(tmp_path):
    path, over = tmp_path / "file", threading.Event()
    contents = [bytes([number]) * 50_000 for number in range(40)]
    write_atomically(path, contents[0])

    def write():
        for content in contents:
            write_atomically(path, content)
        over.set()

    writer = threading.Thread(target=write)
    writer.start()
    met = [path.read_bytes()]
    while not over.is_set():
        met.append(path.read_bytes())
    writer.join()
    assert set(met) <= set(contents)
