"""Named arrays and a few words about them, in the safetensors format: the one format on the wire and on disk.

Eight bytes of length, a JSON header (name -> dtype, shape, place; ``__metadata__`` -> words), the arrays.
Safe to parse, typed, and read by everything that reads safetensors. Written out here because the library
takes three times as long for a small message, which is a fifth of a round, loses the metadata on loading, and
orders them differently each time; its own reader and writer are this module's oracle in the tests.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dcpg_ros.core.errors import WireError

PROTOCOL = "1"
MAX_HEADER = 1_000_000
ALIGNMENT = 8  # of the arrays, so that views into the payload are aligned
DTYPES = {"F64": "<f8", "F32": "<f4", "I64": "<i8", "I32": "<i4", "I8": "|i1", "U8": "|u1"}
TYPES = {code: np.dtype(name) for code, name in DTYPES.items()}
CODES = {dtype: code for code, dtype in TYPES.items()}

Tensors = dict[str, NDArray[Any]]
Metadata = dict[str, str]


def pack(tensors: Mapping[str, NDArray[Any]], metadata: Mapping[str, str]) -> bytes:
    """The bytes of these arrays, the same for the same content; the protocol version joins the metadata."""
    header: dict[str, Any] = {"__metadata__": {"protocol": PROTOCOL, **metadata}}
    chunks, end = [], 0
    for name, tensor in tensors.items():
        chunks.append(tensor.tobytes())  # in C order, wherever the elements lie
        begin, end = end, end + len(chunks[-1])
        header[name] = {"dtype": CODES[tensor.dtype], "shape": tensor.shape, "data_offsets": (begin, end)}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % ALIGNMENT)
    return b"".join([len(text).to_bytes(8, "little"), text, *chunks])


def unpack(payload: bytes, limit: int) -> tuple[Tensors, Metadata]:
    """The arrays, as read-only views, and the metadata of a payload of at most ``limit`` bytes.

    Raises:
        WireError: whatever the bytes are; nothing else comes out of here.
    """
    if len(payload) > limit:
        raise WireError(f"{len(payload)} bytes, allowed: at most {limit}")
    length = int.from_bytes(payload[:8], "little")
    start = 8 + length
    if length > MAX_HEADER or start > len(payload):
        raise WireError("no safetensors: a header longer than the message")
    try:
        header = json.loads(payload[8:start].decode())
        metadata = header.pop("__metadata__", {})
        tensors, end = {}, 0
        for name, entry in header.items():
            dtype, shape, (begin, stop) = TYPES[entry["dtype"]], entry["shape"], entry["data_offsets"]
            count = prod(shape)
            if begin != end or stop != begin + count * dtype.itemsize or not all(size >= 0 for size in shape):
                raise WireError(f"no safetensors: {name[:40]!r} is out of place")
            tensors[name] = np.frombuffer(payload, dtype, count, start + begin).reshape(shape)
            end = stop
        if start + end != len(payload):
            raise WireError("no safetensors: bytes that belong to nothing")
        if metadata.get("protocol") != PROTOCOL:
            raise WireError(f"protocol {str(metadata.get('protocol'))[:40]!r}, allowed: {PROTOCOL!r}")
        if not all(isinstance(word, str) for word in metadata.values()):
            raise WireError("metadata that are not words")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise WireError(f"no safetensors: {error}") from None
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
