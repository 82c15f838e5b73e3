import fcntl
import subprocess
import sys

import pytest

from dcpg_ros.cli.shared_memory import remove_orphans


def segment(folder, name, suffix="el"):
    """A segment as Fast DDS makes it, with its mutex and its lock."""
    files = [folder / name, folder / f"sem.{name}_mutex", folder / f"{name}_{suffix}"]
    for file in files:
        file.write_text("")
    return files


def names(folder):
    return {file.name for file in folder.iterdir()}


@pytest.mark.parametrize("suffix", ["el", "sl"])
@pytest.mark.parametrize("name", ["fastrtps_1a2b", "fastrtps_port7411", "fastdds_1a2b"])
def test_what_nobody_holds_is_removed(tmp_path, name, suffix):
    segment(tmp_path, name, suffix)
    assert remove_orphans(tmp_path) == 3
    assert names(tmp_path) == set()
    assert remove_orphans(tmp_path) == 0


@pytest.mark.parametrize("kind", [fcntl.LOCK_EX, fcntl.LOCK_SH])
def test_what_someone_holds_stays(tmp_path, kind):
    held = segment(tmp_path, "fastrtps_held")
    segment(tmp_path, "fastrtps_free")
    with held[2].open() as lock:
        fcntl.flock(lock, kind)
        assert remove_orphans(tmp_path) == 3
        assert names(tmp_path) == {file.name for file in held}
    assert remove_orphans(tmp_path) == 3
    assert names(tmp_path) == set()


def test_what_a_killed_process_held_is_removed(tmp_path):
    *_, lock = segment(tmp_path, "fastrtps_1a2b")
    program = (
        "import fcntl, sys\n"
        f"file = open({str(lock)!r})\n"
        "fcntl.flock(file, fcntl.LOCK_EX)\n"
        "print('held', flush=True)\n"
        "sys.stdin.read()\n"
    )
    child = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdout.readline() == b"held\n"
    assert remove_orphans(tmp_path) == 0
    child.kill()
    child.communicate()
    assert remove_orphans(tmp_path) == 3


def test_lock_whose_segment_is_gone_is_removed(tmp_path):
    (tmp_path / "fastrtps_1a2b_el").write_text("")
    assert remove_orphans(tmp_path) == 1
    assert names(tmp_path) == set()


def test_what_others_keep_there_stays(tmp_path):
    foreign = [
        "other",
        "other_el",
        "fast_lane_el",
        "fasting_sl",
        "sem.other",
        "fastrtps_no_lock",
        "my_fastrtps_x_el",
    ]
    for name in foreign:
        (tmp_path / name).write_text("")
    assert remove_orphans(tmp_path) == 0
    assert names(tmp_path) == set(foreign)


def test_folder_that_is_not_there_holds_no_orphans(tmp_path):
    assert remove_orphans(tmp_path / "missing") == 0
