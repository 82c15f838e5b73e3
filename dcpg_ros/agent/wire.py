"""Named arrays and a few words about them, as safetensors bytes: the one format on the wire and on disk.

Safe to parse, typed and self-describing. Three traps of the library are dealt with here, once: a
non-contiguous array comes back silently wrong; ``load`` gives no metadata; and two saves of the same
content may differ in bytes, so whoever compares or signs must take arrays and sorted metadata.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from dcpg_ros.core.errors import WireError

PROTOCOL = "1"
Tensors = dict[str, NDArray[Any]]
Metadata = dict[str, str]


def pack(tensors: Mapping[str, NDArray[Any]], metadata: Mapping[str, str]) -> bytes:
    """The bytes of these arrays; the protocol version joins the metadata."""
    contiguous = {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}
    return save(contiguous, {"protocol": PROTOCOL, **metadata})


def unpack(payload: bytes, limit: int) -> tuple[Tensors, Metadata]:
    """The arrays and the metadata of a payload of at most ``limit`` bytes.

    Raises:
        WireError: whatever the bytes are; nothing else comes out of here.
    """
    if len(payload) > limit:
        raise WireError(f"{len(payload)} bytes, allowed: at most {limit}")
    try:
        tensors = load(payload)  # checks the header, too: the json below is flat and small
        length = int.from_bytes(payload[:8], "little")
        metadata = json.loads(payload[8 : 8 + length]).get("__metadata__", {})
    except (
        SafetensorError,
        ValueError,
        KeyError,
        TypeError,
        RecursionError,
        OverflowError,
        MemoryError,
    ) as error:
        raise WireError(f"no safetensors: {error}") from None
    if metadata.get("protocol") != PROTOCOL:
        raise WireError(f"protocol {metadata.get('protocol')!r}, allowed: {PROTOCOL!r}")
    return tensors, metadata


def integer(metadata: Mapping[str, str], key: str) -> int:
    """A whole number >= 0 of the metadata.

    Raises:
        WireError: if it is missing or is anything else.
    """
    text = metadata.get(key, "")
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise WireError(f"{key} {text[:40]!r}, allowed: a whole number")
    return int(text)


def number(metadata: Mapping[str, str], key: str) -> float:
    """A real number of the metadata, as ``repr`` writes it.

    Raises:
        WireError: if it is missing or is anything else.
    """
    try:
        return float(metadata[key])
    except (KeyError, ValueError):
        raise WireError(f"{key} {metadata.get(key, '')[:40]!r}, allowed: a number") from None
