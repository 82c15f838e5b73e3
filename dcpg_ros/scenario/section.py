"""Typed access to one mapping of a scenario; every wrong value is refused by name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dcpg_ros.core.errors import InputError

REQUIRED: Any = object()
LARGEST = 10**9  # no count in a scenario is larger
HUGE = 1e300  # nor any number


class Section:
    """A mapping of the scenario file, read key by key; ``finish`` then refuses the keys nobody asked for.

    Raises:
        InputError: from every method, naming the file, the key, what was found and what is allowed.
    """

    def __init__(self, where: str, key: str, data: Any) -> None:
        if not isinstance(data, dict):
            raise InputError(where, key, describe(data), "a mapping of keys to values")
        self.where, self.key, self.data = where, key, data
        self.asked: list[str] = []

    @property
    def folder(self) -> Path:
        """Where the scenario file is: what it names by a relative path is meant from there."""
        return Path(self.where).parent

    def path(self, name: str) -> str:
        """The full dotted name of a key."""
        return f"{self.key}.{name}" if self.key else name

    def refuse(self, name: str, found: object, allowed: str) -> InputError:
        """The error for a key of this section, to be raised."""
        return InputError(self.where, self.path(name), found, allowed)

    def has(self, name: str) -> bool:
        """Whether the key is there; asking makes it a known key."""
        self.asked.append(name)
        return name in self.data

    def raw(self, name: str, default: Any = REQUIRED, allowed: str = "a value") -> Any:
        """The value as YAML gave it."""
        if self.has(name):
            return self.data[name]
        if default is REQUIRED:
            raise self.refuse(name, "nothing", allowed)
        return default

    def number(
        self, name: str, default: Any = REQUIRED, *,
        above: float | None = None, at_least: float | None = None,
        below: float | None = None, at_most: float | None = None,
    ) -> float:  # fmt: skip
        """A finite number within the limits."""
        return self._number(name, default, "a finite number", (int, float), above, at_least, below, at_most)

    def integer(
        self, name: str, default: Any = REQUIRED, *, at_least: int | None = None, at_most: int = LARGEST
    ) -> int:
        """A whole number within the limits."""
        value = self._number(name, default, "a whole number", (int,), None, at_least, None, at_most)
        return int(value)

    def choice(self, name: str, options: Sequence[str], default: Any = REQUIRED) -> str:
        """One of a few words."""
        allowed = "one of " + ", ".join(options)
        value = self.raw(name, default, allowed)
        if value not in options:
            raise self.refuse(name, describe(value), allowed)
        return str(value)

    def text(self, name: str, default: Any = REQUIRED, allowed: str = "text") -> str:
        """A piece of text."""
        value = self.raw(name, default, allowed)
        if not isinstance(value, str):
            raise self.refuse(name, describe(value), allowed)
        return value

    def items(self, name: str, allowed: str, default: Any = REQUIRED) -> list[Any]:
        """A list."""
        value = self.raw(name, default, allowed)
        if not isinstance(value, list):
            raise self.refuse(name, describe(value), allowed)
        return value

    def section(self, name: str, default: Any = REQUIRED) -> Section:
        """A mapping inside this one."""
        return Section(self.where, self.path(name), self.raw(name, default, "a mapping of keys to values"))

    def sections(self, name: str, allowed: str) -> list[Section]:
        """A list of mappings."""
        items = self.items(name, allowed)
        return [Section(self.where, f"{self.path(name)}[{index}]", item) for index, item in enumerate(items)]

    def finish(self) -> None:
        """Refuses keys that no one has asked for: a misspelt key is an error, not a default."""
        for name in self.data:
            if name not in self.asked:
                raise self.refuse(name, "an unknown key", ", ".join(dict.fromkeys(self.asked)))

    def _number(
        self, name: str, default: Any, what: str, kinds: tuple[type, ...],
        above: float | None, at_least: float | None, below: float | None, at_most: float | None,
    ) -> float:  # fmt: skip
        limits = ((">", above), (">=", at_least), ("<", below), ("<=", at_most))
        shown = [f"{sign} {limit:g}" for sign, limit in limits if limit is not None and limit != LARGEST]
        allowed = f"{what} {' and '.join(shown)}".strip()
        value = self.raw(name, default, allowed)
        if value is None and default is None:
            return None  # type: ignore[return-value]
        is_number = isinstance(value, kinds) and not isinstance(value, bool)
        if (
            not is_number
            or not -HUGE < value < HUGE
            or (above is not None and not value > above)
            or (at_least is not None and not value >= at_least)
            or (below is not None and not value < below)
            or (at_most is not None and not value <= at_most)
        ):
            raise self.refuse(name, describe(value), allowed)
        return value if kinds == (int,) else float(value)


def describe(value: object) -> str:
    """A value in the words of the person who wrote it."""
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, int) and value.bit_length() > 1000:
        return f"a number of {value.bit_length()} bits"  # Python refuses to write out the largest
    shown = repr(value) if isinstance(value, str) else str(value)
    return shown if len(shown) <= 60 else shown[:59] + "…"
