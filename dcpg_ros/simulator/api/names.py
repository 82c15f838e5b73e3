"""Names that match a pattern, whoever wrote the pattern: no client may keep the others waiting by one."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable

from dcpg_ros.simulator.rpc import RpcError

MOST_REPEATS = 3  # in a pattern: matching takes at most the length of a name to this power
PATIENCE_S = 0.1  # for all names; looked at between two of them
ODD = re.compile(r"\(\?(?!:|i\))")  # comments, flags, named groups, look-arounds: nobody needs them for names


def matching(pattern: str, names: Iterable[str]) -> list[str]:
    """The names that a pattern matches from end to end, in whatever case.

    Raises:
        RpcError: if it is no pattern, or one whose matching takes too long.
    """
    compiled, ends = _compiled(pattern), time.perf_counter() + PATIENCE_S
    found = []
    for name in names:
        if compiled.fullmatch(name):
            found.append(name)
        if time.perf_counter() > ends:
            raise RpcError(f"name_regex: found {pattern!r}, which takes too long, allowed: a simpler one")
    return found


def _compiled(pattern: str) -> re.Pattern[str]:
    bare = re.sub(r"\\.", "x", pattern, flags=re.DOTALL)
    plain = re.sub(r"\[[^\]]*\]", "x", bare).replace("(?", "(")
    # Choices between whole names cost little; within a group they multiply.
    parts, counted = ([plain], r"[*+?{|]") if "(" in plain else (plain.split("|"), r"[*+?{]")
    repeats = max(len(re.findall(counted, part)) for part in parts)
    if ODD.search(bare) or re.search(r"\)[*+?{]", plain) or repeats > MOST_REPEATS:
        raise RpcError(
            f"name_regex: found {pattern!r}, allowed: at most {MOST_REPEATS} repeats, none of them of a group"
        )
    try:
        return re.compile(pattern, re.IGNORECASE)
    except (re.error, OverflowError, RecursionError) as error:
        raise RpcError(f"name_regex: found {pattern!r}, {error}, allowed: a regular expression") from None
