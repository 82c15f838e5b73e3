"""Where one MessagePack object of a byte stream ends and the next begins."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from dcpg_ros.core.errors import WireError


@dataclass(frozen=True)
class MessageLimits:
    """What a message may be at most; one that announces more is refused before it is sent."""

    size: int = 8 << 20  # bytes; the longest that AirSim's clients send has less than one
    objects: int = 1 << 20  # numbers, texts, arrays, … in it: each may cost Python 100 bytes
    depth: int = 32  # arrays and maps within each other


class Framer:
    """Cuts a stream into messages, however the network has cut it into chunks.

    A message is scanned once: what has been seen of it is not looked at again when more of it arrives.
    """

    def __init__(self, limits: MessageLimits | None = None) -> None:
        self._limits = limits or MessageLimits()
        self._buffer = bytearray()
        self._begin()

    def _begin(self) -> None:
        self._place = 0  # the first byte that is not scanned
        self._objects = 0  # how many have begun
        self._missing = [1]  # how many objects each open array or map still lacks; the message is the first

    def __len__(self) -> int:
        return len(self._buffer)

    def feed(self, chunk: bytes) -> None:
        """Takes the next bytes of the stream."""
        self._buffer += chunk

    def next(self) -> bytes | None:
        """The next message that has arrived in full, or None.

        Raises:
            WireError: if the bytes are not MessagePack or the message is over a limit; the stream is lost.
        """
        if self._is_one_message():
            end = len(self._buffer)
        elif not self._scan():
            return None
        else:
            end = self._place
        message = bytes(self._buffer[:end])
        del self._buffer[:end]
        self._begin()
        return message

    def _is_one_message(self) -> bool:
        """Whether the buffer is one small message and nothing else, as is usual; at the speed of C."""
        if self._place or not 0 < len(self._buffer) <= min(_SMALL, self._limits.size):
            return False
        try:
            _ANY_OBJECT.decode(self._buffer)
        except (msgspec.DecodeError, RecursionError):
            return False
        return True

    def _scan(self) -> bool:
        """Goes on from where it stopped; whether the end of the message was found."""
        buffer, missing, limits = self._buffer, self._missing, self._limits
        place, end = self._place, len(self._buffer)
        objects = self._objects
        try:
            while place < end:
                head, body, per_unit, members = _LAYOUT[buffer[place]]
                if head > 1:  # the tag is followed by a length
                    if place + head > end:
                        return False
                    length = int.from_bytes(buffer[place + 1 : place + head], "big")
                    if per_unit:
                        members = per_unit * length
                    else:
                        body += length
                elif not head:
                    raise WireError(f"no MessagePack: the byte 0x{buffer[place]:02x}")
                after = place + head + body
                if after + members > limits.size:
                    raise WireError(f"a message of more than {limits.size} bytes")
                if objects + members >= limits.objects:
                    raise WireError(f"a message of more than {limits.objects} objects")
                if after > end:
                    return False
                place = after
                objects += 1
                if members:
                    if len(missing) > limits.depth:
                        raise WireError(f"a message nested deeper than {limits.depth}")
                    missing.append(members)
                    continue
                missing[-1] -= 1
                while not missing[-1]:
                    missing.pop()
                    if not missing:
                        return True
                    missing[-1] -= 1
            return False
        finally:
            self._place, self._objects = place, objects


_SMALL = 1 << 12
_ANY_OBJECT = msgspec.msgpack.Decoder(msgspec.Raw)


def _layout() -> list[tuple[int, int, int, int]]:
    """For every tag: bytes of tag and length, bytes after them, members per unit of length, members."""
    layout = [(1, 0, 0, 0)] * 256  # small integers, nil, false, true
    for count in range(16):
        layout[0x80 | count] = (1, 0, 0, 2 * count)  # maps
        layout[0x90 | count] = (1, 0, 0, count)  # arrays
    for length in range(32):
        layout[0xA0 | length] = (1, length, 0, 0)  # texts
    layout[0xC1] = (0, 0, 0, 0)  # never used
    for power, tag in enumerate((0xC4, 0xC5, 0xC6)):
        layout[tag] = (1 + 2**power, 0, 0, 0)  # bytes
        layout[tag + 3] = (1 + 2**power, 1, 0, 0)  # extensions, which begin with their type
    for tag in (0xCA, 0xCE, 0xD2):
        layout[tag] = (1, 4, 0, 0)  # numbers of 32 bits
    for tag in (0xCB, 0xCF, 0xD3):
        layout[tag] = (1, 8, 0, 0)  # of 64
    for tag in (0xCC, 0xD0):
        layout[tag] = (1, 1, 0, 0)  # of 8
    for tag in (0xCD, 0xD1):
        layout[tag] = (1, 2, 0, 0)  # of 16
    for power in range(5):
        layout[0xD4 + power] = (1, 1 + 2**power, 0, 0)  # extensions of a fixed length
    for power, tag in enumerate((0xD9, 0xDA, 0xDB)):
        layout[tag] = (1 + 2**power, 0, 0, 0)  # texts
    for power, tag in enumerate((0xDC, 0xDE)):
        layout[tag] = (3, 0, power + 1, 0)  # arrays and maps of up to 2^16
        layout[tag + 1] = (5, 0, power + 1, 0)  # and of up to 2^32
    return layout


_LAYOUT = _layout()
