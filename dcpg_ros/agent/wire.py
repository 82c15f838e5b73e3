"""Named arrays and a few words about them, in the safetensors format: the one format on the wire and on disk.

Eight bytes of length, a JSON header (name -> dtype, shape, place; ``__metadata__`` -> words), the arrays.
Safe to parse, typed, and read by everything that reads safetensors. Written out here because the library
takes three times as long for a small message, which is a fifth of a round, loses the metadata on loading, and
orders them differently each time; its own reader and writer are this module's oracle in the tests.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import lru_cache
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
HEAD = '{"__metadata__":'  # how a header of our own begins; then the words, then the layout
_encode = json.JSONEncoder(separators=(",", ":")).encode
_decode = json.JSONDecoder().raw_decode

Tensors = dict[str, NDArray[Any]]
Metadata = dict[str, str]


def pack(tensors: Mapping[str, NDArray[Any]], metadata: Mapping[str, str]) -> bytes:
    """The bytes of these arrays, the same for the same content; the protocol version joins the metadata."""
    key = tuple((name, tensor.dtype, tensor.shape) for name, tensor in tensors.items())
    words = _encode({"protocol": PROTOCOL, **metadata})
    header = (HEAD + words + layout_text(key)).encode()
    header += b" " * (-len(header) % ALIGNMENT)
    # tobytes takes the elements in C order, wherever they lie.
    return b"".join(
        [len(header).to_bytes(8, "little"), header, *(part.tobytes() for part in tensors.values())]
    )


def unpack(payload: bytes, limit: int) -> tuple[Tensors, Metadata]:
    """The arrays, as read-only views, and the metadata of a payload of at most ``limit`` bytes.

    Raises:
        WireError: whatever the bytes are; nothing else comes out of here.
    """
    if len(payload) > limit:
        raise WireError(f"{len(payload)} bytes, allowed: at most {limit}")
    start = 8 + int.from_bytes(payload[:8], "little")
    if start > min(len(payload), MAX_HEADER):
        raise WireError("no safetensors: a header longer than the message")
    try:
        text = payload[8:start].decode()
        if not text.startswith(
            HEAD + "{"
        ):  # written by someone who puts the metadata elsewhere, or leaves them out
            header = json.loads(text)
            text = HEAD + _encode(header.pop("__metadata__", {})) + "," + _encode(header)[1:]
        metadata, end = _decode(text, len(HEAD))
        layout, size = parse_layout(text[end:])
        if start + size != len(payload):
            raise WireError("no safetensors: the arrays do not fill the message")
        if metadata.get("protocol") != PROTOCOL or not all(
            isinstance(word, str) for word in metadata.values()
        ):
            raise WireError(f"protocol {str(metadata.get('protocol'))[:40]!r}, allowed: {PROTOCOL!r}")
        tensors = {
            name: np.frombuffer(payload, dtype, math.prod(shape), start + begin).reshape(shape)
            for name, dtype, shape, begin in layout
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise WireError(f"no safetensors: {error}") from None
    return tensors, metadata


@lru_cache(maxsize=64)
def layout_text(key: tuple[tuple[str, np.dtype[Any], tuple[int, ...]], ...]) -> str:
    """What follows the metadata in a header: the same in every round, so it is written once."""
    entries, end = {}, 0
    for name, dtype, shape in key:
        begin, end = end, end + math.prod(shape) * dtype.itemsize
        entries[name] = {"dtype": CODES[dtype], "shape": shape, "data_offsets": (begin, end)}
    return "," * bool(entries) + _encode(entries)[1:]


@lru_cache(maxsize=8)  # the texts come from the network
def parse_layout(text: str) -> tuple[tuple[tuple[str, np.dtype[Any], tuple[int, ...], int], ...], int]:
    """Name, dtype, shape and place of each array, and the bytes of all; read once, as it is written once.

    Raises:
        WireError, ValueError, KeyError, TypeError, AttributeError: if it is no such text.
    """
    entries, end, layout = json.loads("{" + text.lstrip(" ,")), 0, []
    for name, entry in entries.items():
        dtype, shape, (begin, stop) = TYPES[entry["dtype"]], tuple(entry["shape"]), entry["data_offsets"]
        if not all(type(size) is int and size >= 0 for size in (*shape, begin, stop)):
            raise WireError(f"no safetensors: the numbers of {name[:40]!r}")
        if (begin, stop) != (end, end + math.prod(shape) * dtype.itemsize):
            raise WireError(f"no safetensors: {name[:40]!r} is out of place")
        layout.append((name, dtype, shape, end))
        end = stop
    return tuple(layout), end


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
    """A finite number of the metadata, as ``repr`` writes it.

    Raises:
        WireError: if it is missing or is anything else.
    """
    try:
        value = float(metadata[key])
    except (KeyError, ValueError):
        value = math.nan
    if not math.isfinite(value):
        raise WireError(f"{key} {metadata.get(key, '')[:40]!r}, allowed: a finite number")
    return value
