"""JSON with comments, as AirSim's settings are."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from dcpg_ros.core.errors import InputError
from dcpg_ros.scenario.document import read_bytes

MAX_BYTES = 1_000_000


def read_json(path: Path) -> Any:
    """The data of a JSON file, in which ``//`` and ``/* */`` comments are allowed.

    Raises:
        InputError: if it cannot be read, is too large, is not text, or is not JSON.
    """
    where, raw = str(path), read_bytes(path, MAX_BYTES)
    try:
        return json.loads(_without_comments(raw.decode("utf-8-sig")), parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise InputError(where, place, error.msg, "JSON, with comments if need be") from None
    except UnicodeDecodeError as error:
        raise InputError(where, "", f"the byte 0x{raw[error.start]:02x}", "UTF-8 text") from None
    except (ValueError, RecursionError) as error:
        raise InputError(where, "", error, "JSON, with comments if need be") from None


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _without_comments(text: str) -> str:
    """Blanks comments out, but for line breaks, so that errors tell the right place."""

    def blank(match: re.Match[str]) -> str:
        found = match.group()
        return found if found.startswith('"') else re.sub(r"[^\n]", " ", found)

    return re.sub(r'"(?:\\.|[^"\\])*"|//[^\n]*|/\*.*?\*/', blank, text, flags=re.DOTALL)
