import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcpg_ros.core.errors import (
    CheckpointError,
    DcpgError,
    ExchangeError,
    InputError,
    Stopped,
    WireError,
    one_line,
)


def test_an_input_error_says_where_what_found_and_allowed():
    error = InputError("config/scenarios/mine.yaml", "learner.step_size", -3, "a finite number > 0")
    assert str(error) == (
        "config/scenarios/mine.yaml: learner.step_size: found -3, allowed: a finite number > 0"
    )
    assert (error.where, error.key, error.found, error.allowed) == (
        "config/scenarios/mine.yaml", "learner.step_size", -3, "a finite number > 0",
    )  # fmt: skip


def test_an_input_error_without_a_key_names_the_place_alone():
    assert str(InputError("runs/demo", "", "a run", "--force")) == "runs/demo: found a run, allowed: --force"


def test_an_input_error_is_one_line_whatever_was_found():
    error = InputError("a.yaml", "tasks[0].map", "..\r\n.S", "a goal")
    assert str(error) == "a.yaml: tasks[0].map: found .. .S, allowed: a goal"


def test_bad_input_exits_with_2_and_all_else_with_1():
    assert InputError("a", "b", 0, "c").exit_status == 2
    assert {error("x").exit_status for error in (WireError, CheckpointError, ExchangeError, Stopped)} == {1}


@pytest.mark.parametrize("error", [InputError, WireError, CheckpointError, ExchangeError, Stopped])
def test_the_command_line_can_catch_them_all(error):
    assert issubclass(error, DcpgError)


@given(text=st.text(), limit=st.integers(1, 40))
def test_one_line_is_one_line_and_within_its_limit(text, limit):
    line = one_line(text, limit)
    assert len(line.splitlines()) <= 1
    assert len(line) <= limit


@given(words=st.lists(st.text("abc", min_size=1), max_size=5), space=st.sampled_from([" ", "\n", "\r\n\t"]))
def test_one_line_keeps_every_word_of_a_short_text(words, space):
    assert one_line(space.join(words)) == " ".join(words)


def test_one_line_shows_that_it_cut():
    assert one_line("x" * 500) == "x" * 500
    assert one_line("x" * 501) == "x" * 499 + "…"
