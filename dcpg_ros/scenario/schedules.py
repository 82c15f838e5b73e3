"""A quantity that may change with the rounds, as a scenario writes it."""

from __future__ import annotations

from typing import Any

from dcpg_ros.core.schedules import KINDS, Schedule
from dcpg_ros.scenario.section import Section, describe


def read_schedule(
    section: Section, name: str, default: Any = None, *, strict: bool = False, at_most: float | None = None
) -> Schedule:
    """A number, or ``{initial: ..., schedule: ..., ...}``; ``strict`` asks for values above zero."""
    limit: dict[str, Any] = {"above": 0} if strict else {"at_least": 0}
    limit["at_most"] = at_most
    if not isinstance(section.data.get(name), dict):
        return Schedule(section.number(name, **({} if default is None else {"default": default}), **limit))
    inner = section.section(name)
    kind = inner.choice("schedule", KINDS, "constant")
    values: dict[str, Any] = {"initial": inner.number("initial", **limit), "kind": kind}
    if kind in ("inverse", "inverse_sqrt", "geometric"):
        values["time_constant"] = inner.number("time_constant", above=0)
    if kind == "geometric":
        values["decay"] = inner.number("decay", above=0, at_most=1)
    if kind == "piecewise":
        values["steps"] = _read_steps(inner, limit)
    inner.finish()
    return Schedule(**values)


def _read_steps(section: Section, limit: dict[str, Any]) -> tuple[tuple[int, float], ...]:
    allowed = "pairs [round, value] with rising rounds"
    steps: list[tuple[int, float]] = []
    for index, item in enumerate(section.items("steps", allowed)):
        if not isinstance(item, list) or len(item) != 2:
            raise section.refuse(f"steps[{index}]", describe(item), allowed)
        pair = Section(
            section.where, section.path(f"steps[{index}]"), dict(zip(("round", "value"), item, strict=True))
        )
        round_ = pair.integer("round", at_least=steps[-1][0] + 1 if steps else 1)
        steps.append((round_, pair.number("value", **limit)))
    return tuple(steps)
