"""The simulator's API without sockets, for programs that run agents and worlds in one process.

What goes in and what comes out are what the ``airsim`` client sends and receives, to the bit: a call is
written as MessagePack and read again on both ways, by the same registry that the server asks.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any

import msgspec

from dcpg_ros.core.errors import DcpgError
from dcpg_ros.simulator.api import api_of
from dcpg_ros.simulator.rpc import words
from dcpg_ros.simulator.simulation import Simulation


class CallError(DcpgError):
    """A call that was refused or failed, in the words that a client would read."""


@dataclass(frozen=True)
class Answer:
    """What came of a call."""

    result: Any = None
    error: CallError | None = None

    def get(self) -> Any:
        """The result; raises CallError if there is none."""
        if self.error is not None:
            raise self.error
        return self.result


class DirectLink:
    """Calls the methods of a simulation in its own process. Not for several threads at a time.

    Methods that take simulated time to be answered (``takeoff`` and the other moves) are refused.
    """

    def __init__(self, simulation: Simulation) -> None:
        self._registry = api_of(simulation)

    def call(self, method: str, *arguments: Any) -> Any:
        """What a method returns, as plain data.

        Args:
            method: its name on the wire, such as ``simGetImages``.
            arguments: plain data, and objects that have a ``to_msgpack`` method, as those of airsim have.

        Raises:
            CallError: if the call is refused or fails.
            TypeError: if an argument has no form on the wire.
        """
        encoded = msgspec.Raw(_encode(arguments))
        try:
            result = self._registry.call(method, encoded)
            if inspect.iscoroutine(result):
                result.close()
                raise CallError(
                    f"{method} takes time: a direct link has only calls that are answered at once"
                )
            return _decode(_encode(result))
        except CallError:
            raise
        except Exception as error:  # as the server does, whatever it is
            raise CallError(words(method, encoded, error)) from error

    def send(self, method: str, *arguments: Any) -> Answer:
        """The same as ``call``, but for errors, which are raised when the result is fetched."""
        try:
            return Answer(self.call(method, *arguments))
        except CallError as error:
            return Answer(error=error)


def _plain(value: Any) -> Any:
    """Plain data of what MessagePack does not know."""
    if isinstance(value, float):  # of a kind of its own, as numpy's are
        return float(value)
    if hasattr(value, "to_msgpack"):
        return value.to_msgpack()
    raise TypeError(f"a {type(value).__name__} has no form on the wire")


_encode = msgspec.msgpack.Encoder(enc_hook=_plain).encode
_decode = msgspec.msgpack.Decoder().decode
