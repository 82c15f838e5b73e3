import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcpg_ros.core.errors import InputError
from dcpg_ros.scenario.section import LARGEST, Section, describe


def section(**data):
    return Section("file.yaml", "outer", data)


def test_path_is_dotted():
    assert section().path("key") == "outer.key"
    assert Section("file.yaml", "", {}).path("key") == "key"
    assert section(inner={"deep": {}}).section("inner").section("deep").path("key") == "outer.inner.deep.key"
    assert section(inner=[{}, {}]).sections("inner", "")[1].path("key") == "outer.inner[1].key"


def test_refusal_is_the_line_of_the_style_guide():
    error = Section("mine.yaml", "learner", {}).refuse("step_size", -3, "a finite number > 0")
    assert str(error) == "mine.yaml: learner.step_size: found -3, allowed: a finite number > 0"


@given(st.floats(), st.floats(-10, 10), st.floats(-10, 10))
def test_number_is_taken_exactly_if_it_is_finite_and_within_its_limits(value, low, high):
    data = section(x=value)
    checks = [
        ({}, True),
        ({"above": low}, value > low),
        ({"at_least": low}, value >= low),
        ({"below": high}, value < high),
        ({"at_most": high}, value <= high),
        ({"above": low, "at_most": high}, low < value <= high),
    ]
    for limits, within in checks:
        if within and abs(value) < 1e300:
            assert data.number("x", **limits) == value
        else:
            with pytest.raises(InputError, match=r"outer\.x: found .* allowed: a finite number"):
                data.number("x", **limits)


@given(st.integers(-(10**12), 10**12), st.integers(-5, 5))
def test_integer_is_taken_exactly_if_it_is_within_its_limits(value, low):
    data = section(x=value)
    if low <= value <= LARGEST:
        assert data.integer("x", at_least=low) == value
    else:
        with pytest.raises(InputError, match=r"outer\.x: found .* allowed: a whole number"):
            data.integer("x", at_least=low)


@pytest.mark.parametrize("value", [True, False, None, "1", [1], {"a": 1}, math.nan, math.inf, 10**400])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(InputError):
        section(x=value).number("x")
    with pytest.raises(InputError):
        section(x=value).integer("x")


def test_whole_number_may_stand_where_a_number_is_asked_for_and_not_the_other_way_round():
    found = section(x=3).number("x")
    assert (found, type(found)) == (3.0, float)
    with pytest.raises(InputError):
        section(x=3.0).integer("x")


def test_default_stands_in_for_a_missing_key_alone():
    assert section().number("x", 2.5) == 2.5
    assert section().integer("x", 2) == 2
    assert section().choice("x", ("a", "b"), "b") == "b"
    assert section().text("x", "word") == "word"
    assert section().items("x", "", [1]) == [1]
    assert section().section("x", {"a": 1}).raw("a") == 1
    for read in ("number", "integer", "text"):
        with pytest.raises(InputError):
            getattr(section(x=None), read)("x", 1)


@pytest.mark.parametrize("value", ["c", "A", "", None, 1, True, ["a"], {"a": 1}, float("nan")])
def test_choice_is_one_of_its_words(value):
    assert section(x="a").choice("x", ("a", "b")) == "a"
    with pytest.raises(InputError, match=r"allowed: one of a, b$"):
        section(x=value).choice("x", ("a", "b"))


@pytest.mark.parametrize("value", [None, 1, "word", [1]])
def test_section_is_a_mapping(value):
    with pytest.raises(InputError, match="a mapping of keys to values"):
        section(x=value).section("x")
    with pytest.raises(InputError, match="a mapping of keys to values"):
        Section("file.yaml", "", value)


def test_finish_refuses_what_nobody_asked_for_and_lists_what_may_be():
    data = section(a=1, b=2, c=3)
    data.raw("a")
    data.number("b")
    data.has("d")
    with pytest.raises(InputError, match=r"outer\.c: found an unknown key, allowed: a, b, d$"):
        data.finish()
    data.raw("c")
    data.finish()


SCALARS = st.none() | st.integers() | st.floats() | st.text()


@given(SCALARS | st.lists(SCALARS) | st.dictionaries(st.text(), SCALARS))
def test_description_is_short(value):
    assert len(describe(value)) <= 60


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, "nothing"), ({}, "a mapping"), ([1, 2], "a list of 2"), ("a", "'a'"), (7, "7"), (True, "True")],
)
def test_description(value, words):
    assert describe(value) == words


def test_description_of_a_number_of_any_length():
    assert len(describe(1 << 100_000)) <= 60
