"""From a file to plain YAML data, with nothing that a file can do to us on the way; and back."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from dcpg_ros.core.errors import InputError

MAX_BYTES = 4_000_000  # a thousand 10x10 maps are 200 kB
MAX_DEPTH = 32


class _Loader(yaml.SafeLoader):
    """SafeLoader without aliases (an alias bomb is 500 bytes), duplicate keys or bottomless nesting."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()
            raise yaml.MarkedYAMLError(problem=f"the alias *{event.anchor}", problem_mark=event.start_mark)
        self.depth = getattr(self, "depth", 0) + 1
        if self.depth > MAX_DEPTH:
            mark = self.peek_event().start_mark
            raise yaml.MarkedYAMLError(problem=f"nesting deeper than {MAX_DEPTH}", problem_mark=mark)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = key_node.value
            if not isinstance(key, str):
                raise yaml.MarkedYAMLError(problem="a key that is no word", problem_mark=key_node.start_mark)
            if key in seen:
                raise yaml.MarkedYAMLError(problem=f"the key {key!r} twice", problem_mark=key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep=True)


class _Dumper(yaml.SafeDumper):
    """SafeDumper that writes maps as the blocks of text that they are."""


# YAML 1.1 wants a dot and a sign in a float; people write 1e-3.
for _kind in (_Loader, _Dumper):
    _kind.add_implicit_resolver(
        "tag:yaml.org,2002:float", re.compile(r"^[-+]?\d+(\.\d*)?[eE][-+]?\d+$"), list("-+0123456789")
    )


def _style(text: str) -> str | None:
    """How to write a piece of text: line breaks other than a newline survive as escapes alone."""
    if any(strange in text for strange in "\r\x85\u2028\u2029"):
        return '"'
    return "|" if "\n" in text else None


_Dumper.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style=_style(text)),
)


def write_document(data: Any) -> str:
    """YAML text that ``read_document`` reads as this data."""
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True)


def read_bytes(path: Path, limit: int) -> bytes:
    """What is in a file.

    Raises:
        InputError: if it cannot be read, or holds more than ``limit`` bytes.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(limit + 1)
    except (OSError, ValueError) as error:  # the second of a name that no file can have
        found = getattr(error, "strerror", None) or error
        raise InputError(str(path), "", found, "a readable file") from None
    if len(raw) > limit:
        raise InputError(str(path), "", f"more than {limit} bytes", f"at most {limit} bytes")
    return raw


def read_document(path: Path) -> Any:
    """The data of a YAML file.

    Raises:
        InputError: if it cannot be read, is too large, is not text, or is not plain YAML.
    """
    where, raw = str(path), read_bytes(path, MAX_BYTES)
    try:
        return yaml.load(raw.decode("utf-8"), Loader=_Loader)  # a SafeLoader, made stricter
    except UnicodeDecodeError as error:
        raise InputError(where, "", f"the byte 0x{raw[error.start]:02x}", "UTF-8 text") from None
    except yaml.reader.ReaderError as error:
        raise InputError(
            where, "", f"the character #x{ord(chr(error.character)):x}", "printable text"
        ) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise InputError(where, place, error.problem, "plain YAML without aliases") from None
    except (
        yaml.YAMLError,
        ValueError,
        RecursionError,
        LookupError,
        TypeError,
        AttributeError,
        ArithmeticError,
    ):
        # What PyYAML lets through when a tag says one thing and the value another, such as !!bool perhaps.
        raise InputError(where, "", "a value that is not what it is called", "plain YAML") from None
