import math

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dcpg_ros.core.errors import InputError
from dcpg_ros.scenario.document import MAX_BYTES, MAX_DEPTH, read_document, write_document

WORDS = st.text(max_size=12) | st.sampled_from(
    ["1e5", "1e-3", "null", "yes", "1:30", "0x1", "~", "", "<<", "="]
)
MAPS = st.text(alphabet="SG.# \n\t", max_size=20)
PLAIN = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False)
    | WORDS
    | MAPS
    | st.text(alphabet="0123456789.eE+-_:xX ", max_size=8)
)
DATA = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3), max_leaves=8
)


def read(folder, text):
    path = folder / "document.yaml"
    path.write_bytes(text.encode())
    return read_document(path)


@given(DATA)
@example({"\x85": None, "a": "\u2028\r"})
@settings(max_examples=200)
def test_what_is_written_reads_as_the_same(scratch, data):
    assert read(scratch, write_document({"data": data})) == {"data": data}


@given(st.text(max_size=40))
def test_any_word_may_be_a_key(scratch, word):
    assert read(scratch, write_document({word: 1})) == {word: 1}


@pytest.mark.parametrize("text", ["1e-3", "1E5", "-2.5e+10", "3.e2", "+1e3", "12e0", "1.5", "-0.25", "1e400"])
def test_float_is_read_as_python_reads_it(text, tmp_path):
    value = read(tmp_path, f"a: {text}")["a"]
    assert isinstance(value, float)
    assert value == float(text)


@pytest.mark.parametrize("text", ["e5", "1e", "1e-", "x1e3", "1e5s", "'1e-3'", '"1e5"'])
def test_what_only_looks_like_a_float_stays_text(text, tmp_path):
    assert isinstance(read(tmp_path, f"a: {text}")["a"], str)


@pytest.mark.parametrize(
    ("text", "value"), [(".inf", math.inf), ("-.inf", -math.inf), ("7", 7), ("true", True)]
)
def test_other_scalars_are_yaml(text, value, tmp_path):
    assert read(tmp_path, f"a: {text}")["a"] == value


def test_maps_are_written_as_the_blocks_that_they_are():
    assert write_document({"map": "S.G\n.#.\n"}) == "map: |\n  S.G\n  .#.\n"


def test_keys_keep_their_order(tmp_path):
    data = {"zebra": 1, "ant": {"y": 1, "x": 2}}
    again = read(tmp_path, write_document(data))
    assert list(again) == ["zebra", "ant"]
    assert list(again["ant"]) == ["y", "x"]


def test_byte_order_mark_and_windows_line_ends_do_not_matter(tmp_path):
    assert read(tmp_path, "\ufeffa: 1\r\nmap: |\r\n  S.\r\n  .G\r\n") == {"a": 1, "map": "S.\n.G\n"}


def test_nesting_is_allowed_up_to_the_limit(tmp_path):
    def lists(depth):
        return "[" * depth + "]" * depth

    found = read(tmp_path, lists(MAX_DEPTH))
    for _ in range(MAX_DEPTH - 1):
        [found] = found
    assert found == []
    with pytest.raises(InputError, match="nesting deeper than"):
        read(tmp_path, lists(MAX_DEPTH + 1))


def test_wide_is_not_deep(tmp_path):
    assert read(tmp_path, "[" + "[[]], " * 100 + "]") == [[[]]] * 100


def test_size_is_allowed_up_to_the_limit(tmp_path):
    path = tmp_path / "large.yaml"
    path.write_bytes(b"\xff" * MAX_BYTES)
    with pytest.raises(InputError, match="found the byte 0xff"):  # its size was not the objection
        read_document(path)
    path.write_bytes(b"\xff" * (MAX_BYTES + 1))
    with pytest.raises(InputError, match=f"found more than {MAX_BYTES} bytes"):
        read_document(path)


@pytest.mark.parametrize(
    ("text", "place", "problem"),
    [
        ("a: 1\nb: [1, 2\nc: 3\n", "line 3, column 2", "expected ',' or ']'"),
        ("a: 1\nb: *c\n", "line 2, column 4", r"the alias \*c"),
        ("a: 1\nb: 2\na: 3\n", "line 3, column 1", "the key 'a' twice"),
        ("a:\n  b: 1\n  b: 2\n", "line 3, column 3", "the key 'b' twice"),
        ("a: 1\n[b]: 2\n", "line 2, column 1", "a key that is no word"),
    ],
)
def test_the_place_of_a_mistake_is_named(text, place, problem, tmp_path):
    with pytest.raises(InputError, match=f"{place}: found .*{problem}"):
        read(tmp_path, text)
