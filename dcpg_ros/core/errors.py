"""The errors this package raises on purpose. Each message is one line meant for a person."""

from __future__ import annotations


class DcpgError(Exception):
    """Root of the hierarchy: whatever the command line answers with one line and no traceback."""

    exit_status = 1


class InputError(DcpgError):
    """Something a person wrote is wrong: a scenario, an argument, a folder.

    The message always names what is wrong, where, what was found and what is allowed.
    """

    exit_status = 2

    def __init__(self, where: str, key: str, found: object, allowed: str) -> None:
        place = f"{where}: {key}" if key else where
        super().__init__(one_line(f"{place}: found {found}, allowed: {allowed}"))
        self.where, self.key, self.found, self.allowed = where, key, found, allowed


class WireError(DcpgError):
    """Bytes from the network or from a file are not what the protocol says."""


class CheckpointError(DcpgError):
    """A run folder holds no state that one could resume from."""


class LearningError(DcpgError):
    """A learner gave an increment that no theta can take."""


class ExchangeError(DcpgError):
    """A neighbour or the simulator stayed silent for longer than the scenario allows."""


class LinkLost(DcpgError):
    """The simulator or the drone no longer answers; what was under way is lost, a new connection may help."""


class Stopped(DcpgError):
    """The wait was ended because the process was asked to stop; not a failure."""


def refused_by_disk(error: OSError) -> str:
    """What a full, read-only or damaged disk refuses, in one line."""
    return one_line(f"{error.filename}: {error.strerror}" if error.filename else str(error))


def one_line(text: str, limit: int = 500) -> str:
    """Squeezes ``text`` into a single line of at most ``limit`` characters."""
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"
