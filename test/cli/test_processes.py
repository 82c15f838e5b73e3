import contextlib
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from dcpg_ros.cli import processes
from dcpg_ros.cli.processes import Processes


def python(program):
    """A small and quick Python process."""
    return [sys.executable, "-I", "-S", "-c", textwrap.dedent(program)]


WAITS = """
    import signal, sys
    def bye(*_):
        print("bye", flush=True)
        sys.exit(0)
    signal.signal(signal.SIGINT, bye)
    print("ready", flush=True)
    while True:
        signal.pause()
"""
IGNORES = """
    import os, signal
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if os.fork() == 0:
        print("child", os.getpid(), flush=True)
    else:
        print("parent", os.getpid(), flush=True)
    while True:
        signal.pause()
"""


def is_gone(pid):
    """Whether a process has ended, whether or not someone has asked how."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


@pytest.fixture
def leftovers():
    """Process numbers; whoever of them is still there in the end, since a test failed, is ended."""
    pids = []
    yield pids
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@pytest.fixture
def children(tmp_path):
    with Processes(tmp_path, os.environ) as children:
        yield children


def says(children, name, word, times=1):
    return lambda: children.log(name).read_text().split().count(word) >= times


def test_children_are_asked_to_end_and_end(tmp_path, until):
    with Processes(tmp_path, os.environ) as children:
        for name in ("ada", "bob"):
            children.start(name, python(WAITS))
        for name in ("ada", "bob"):
            until(says(children, name, "ready"))
        assert children.running(["ada", "bob"])
    assert [child.returncode for child in children.children.values()] == [0, 0]
    assert [children.last_words(name) for name in ("ada", "bob")] == ["bye", "bye"]
    assert not children.running(["ada", "bob"])
    assert children.failed() is None


def test_children_end_when_something_goes_wrong_here(tmp_path, until):
    children = Processes(tmp_path, os.environ)

    def go_wrong():
        with children:
            children.start("ada", python(WAITS))
            until(says(children, "ada", "ready"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        go_wrong()
    assert children.children["ada"].returncode == 0


def test_child_that_will_not_end_is_killed_with_all_that_it_has_started(
    tmp_path, monkeypatch, leftovers, until
):
    monkeypatch.setattr(processes, "GRACE_S", 0.1)
    with Processes(tmp_path, os.environ) as children:
        children.start("deaf", python(IGNORES))
        until(says(children, "deaf", "parent"))
        until(says(children, "deaf", "child"))
    words = children.log("deaf").read_text().split()
    pids = dict(zip(words[::2], map(int, words[1::2]), strict=True))
    leftovers += pids.values()
    assert pids["parent"] == children.children["deaf"].pid
    assert children.children["deaf"].returncode == -signal.SIGKILL
    until(lambda: all(is_gone(pid) for pid in pids.values()))


def test_child_takes_the_interrupt_even_where_this_process_ignores_it(tmp_path, until):
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Processes(tmp_path, os.environ) as children:
            children.start("plain", python("import signal; print('ready', flush=True); signal.pause()"))
            until(says(children, "plain", "ready"))
    finally:
        signal.signal(signal.SIGINT, handler)
    assert children.children["plain"].returncode != -signal.SIGKILL
    assert "KeyboardInterrupt" in children.log("plain").read_text()


def test_child_does_not_outlive_the_process_that_started_it(tmp_path, leftovers, until):
    program = f"""
        import sys, os
        from pathlib import Path
        from dcpg_ros.cli.processes import Processes
        children = Processes(Path({str(tmp_path)!r}), os.environ)
        children.start("orphan", {python(WAITS)!r})
        print(children.children["orphan"].pid, flush=True)
        sys.stdin.read()
    """
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    orphan = int(parent.stdout.readline())
    leftovers.append(orphan)
    log = tmp_path / "orphan.log"
    until(lambda: "ready" in log.read_text())
    parent.kill()
    parent.communicate()
    until(lambda: is_gone(orphan))
    assert log.read_text().split() == ["ready", "bye"]


@pytest.mark.parametrize(
    ("program", "failed"),
    [
        ("pass", False),
        ("raise SystemExit(3)", True),
        ("raise ValueError('no good')", True),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", True),
    ],
)
def test_failure_of_a_child_is_seen(children, program, failed, until):
    children.start("waits", python(WAITS))
    children.start("short", python(program))
    until(lambda: not children.running(["short"]))
    assert children.failed() == ("short" if failed else None)
    assert children.running(["waits", "short"])


def test_child_that_cannot_be_started_is_an_error_here(children):
    with pytest.raises(FileNotFoundError):
        children.start("ghost", ["/no/such/program"])


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("first\nlast\n", "last"),
        ("first\nlast\n\n   \n", "last"),
        ("  last  ", "last"),
        ("", "no output"),
        ("\n\n", "no output"),
        ("caf\udce9\n", "caf\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_last_words_are_the_last_line_that_says_something(children, output, words):
    children.log("ada").write_bytes(output.encode(errors="surrogateescape"))
    assert children.last_words("ada") == words


def test_last_words_of_a_child_that_was_killed_are_the_signal(children):
    children.start("ada", python("import os; print('all is well', flush=True); os.kill(os.getpid(), 9)"))
    children.children["ada"].wait()
    assert children.last_words("ada") == "killed by signal 9 (Killed)"


def test_logs_folder_that_got_lost_is_made_anew(children):
    children.logs.rmdir()
    children.start("ada", python("print('out')"))
    children.children["ada"].wait()
    assert children.last_words("ada") == "out"


def test_service_that_cannot_be_started_leaves_nothing_to_stop(children):
    with pytest.raises(FileNotFoundError):
        children.serve("ghost", ["/no/such/program"])
    children.stop()


def test_output_and_errors_are_in_the_log_of_the_child(children, until):
    children.start("ada", python("import sys; print('out', flush=True); print('err', file=sys.stderr)"))
    children.start("bob", python("raise ValueError('no good')"))
    until(lambda: not children.running(["ada", "bob"]))
    assert children.log("ada").read_text() == "out\nerr\n"
    assert children.last_words("bob") == "ValueError: no good"


def test_log_of_an_earlier_start_is_kept(children, until):
    for word in ("one", "two"):
        children.start("ada", python(f"print({word!r})"))
        until(lambda: not children.running(["ada"]))
    assert children.log("ada").read_text() == "one\ntwo\n"


def test_child_gets_the_environment_it_is_given_and_no_input(tmp_path, until):
    with Processes(tmp_path, {"ONLY": "this"}) as children:
        program = (
            "import os, sys; print(os.environ.get('ONLY'), 'HOME' in os.environ, repr(sys.stdin.read()))"
        )
        children.start("ada", python(program))
        until(lambda: not children.running(["ada"]))
    assert children.last_words("ada") == "this False ''"


def test_service_that_is_killed_is_started_again(children, until):
    children.serve("world", python(WAITS))
    until(says(children, "world", "ready"))
    assert children.revive() == []
    first = children.children["world"]
    first.kill()
    first.wait()
    assert children.failed() is None  # for it will be
    assert children.revive() == ["world"]
    until(says(children, "world", "ready", times=2))
    assert children.children["world"].pid != first.pid
    assert children.failed() is None


def test_service_that_dies_again_and_again_is_given_up(children, until):
    children.serve("broken", python("import sys; sys.exit('no ray caster')"))
    for _ in range(processes.MOST_BRIEF - 1):
        children.children["broken"].wait()
        assert children.revive() == ["broken"]
    children.children["broken"].wait()
    assert children.revive() == []
    assert children.failed() == "broken"
    assert children.last_words("broken") == "no ray caster"


def test_service_that_refuses_its_arguments_is_not_tried_again(children):
    children.serve("picky", python("import sys; print('port: found 80'); sys.exit(2)"))
    children.children["picky"].wait()
    assert children.revive() == []
    assert children.failed() == "picky"
