"""Long lists of numbers as MessagePack, at the speed of numpy."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

_FLOAT32 = 0xCA


def float32_array(values: NDArray[Any]) -> msgspec.Raw:
    """A MessagePack array of 32-bit floats, to be put into a result as it is.

    Args:
        values: numbers of any shape; they are sent in C order as one flat array.
    """
    flat = np.ravel(values)
    body = np.empty(flat.size, dtype=[("tag", "u1"), ("value", ">f4")])
    body["tag"] = _FLOAT32
    body["value"] = flat
    return msgspec.Raw(_array_header(flat.size) + body.tobytes())


def _array_header(count: int) -> bytes:
    if count < 1 << 4:
        return bytes([0x90 | count])
    if count < 1 << 16:
        return b"\xdc" + count.to_bytes(2, "big")
    return b"\xdd" + count.to_bytes(4, "big")
