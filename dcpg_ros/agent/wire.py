"""Named arrays and a few words about them, in the safetensors format: the one format on the wire and on disk.

Eight bytes of length, a JSON header (name -> dtype, shape, place; ``__metadata__`` -> words), the arrays.
Safe to parse, typed, and read by everything that reads safetensors. Written out here because the library
takes five times as long for a small message, which is a fifth of a round, loses the metadata on loading, and
orders them differently each time; its own reader and writer are this module's oracle in the tests.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from dcpg_ros.core.errors import WireError

PROTOCOL = "1"
MAX_HEADER = 1_000_000
ALIGNMENT = 8  # of the arrays, so that views into the payload are aligned
METADATA = "__metadata__"
DTYPES = {"F64": "<f8", "F32": "<f4", "I64": "<i8", "I32": "<i4", "I8": "|i1", "U8": "|u1", "BOOL": "|b1"}
TYPES = {code: np.dtype(name) for code, name in DTYPES.items()}
CODES = {dtype: code for code, dtype in TYPES.items()}

Tensors = dict[str, NDArray[Any]]
Metadata = dict[str, str]
Size = Annotated[int, msgspec.Meta(ge=0)]


class Entry(msgspec.Struct, forbid_unknown_fields=True):
    """What a header says of an array."""

    dtype: str
    shape: tuple[Size, ...]
    data_offsets: tuple[Size, Size]


_write = msgspec.json.Encoder().encode
_read_header = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_read_metadata = msgspec.json.Decoder(Metadata).decode
_read_entry = msgspec.json.Decoder(Entry).decode


def pack(tensors: Mapping[str, NDArray[Any]], metadata: Mapping[str, str]) -> bytes:
    """The bytes of these arrays, the same for the same content; the protocol version joins the metadata."""
    layout = lay_out(tuple((name, tensor.dtype, tensor.shape) for name, tensor in tensors.items()))
    header = _write({METADATA: {"protocol": PROTOCOL, **metadata}, **layout})
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
        header = _read_header(payload[8:start])
        metadata = _read_metadata(header.pop(METADATA, b"{}"))
        if metadata.get("protocol") != PROTOCOL:
            raise WireError(f"protocol {metadata.get('protocol', '')[:40]!r}, allowed: {PROTOCOL!r}")
        layout, size = read_layout(tuple([(name, bytes(entry)) for name, entry in header.items()]))
        if start + size != len(payload):
            raise WireError("no safetensors: the arrays do not fill the message")
        tensors = {
            name: np.frombuffer(payload, dtype, count, start + begin).reshape(shape)
            for name, dtype, shape, count, begin in layout
        }
    except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError) as error:
        raise WireError(f"no safetensors: {error}") from None
    return tensors, metadata


@lru_cache(maxsize=64)
def lay_out(arrays: tuple[tuple[str, np.dtype[Any], tuple[int, ...]], ...]) -> dict[str, Entry]:
    """Where the arrays of these names, dtypes and shapes lie: the same in every round."""
    entries, end = {}, 0
    for name, dtype, shape in arrays:
        begin, end = end, end + math.prod(shape) * dtype.itemsize
        entries[name] = Entry(CODES[dtype], shape, (begin, end))
    return entries


@lru_cache(maxsize=8)  # few, for what is kept comes from the network
def read_layout(
    entries: tuple[tuple[str, bytes], ...],
) -> tuple[list[tuple[str, np.dtype[Any], tuple[int, ...], int, int]], int]:
    """Name, dtype, shape, count and place of each array, and the bytes of all; read once if always the same.

    Raises:
        WireError, MsgspecError: if they overlap, leave gaps, or are no such entries.
    """
    layout, end = [], 0
    for name, text in entries:
        entry = _read_entry(text)
        dtype, count = TYPES.get(entry.dtype), math.prod(entry.shape)
        if dtype is None:
            raise WireError(f"no safetensors: the dtype {entry.dtype[:40]!r} of {name[:40]!r}")
        if entry.data_offsets != (end, end + count * dtype.itemsize):
            raise WireError(f"no safetensors: {name[:40]!r} is out of place")
        layout.append((name, dtype, entry.shape, count, end))
        end = entry.data_offsets[1]
    return layout, end


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
