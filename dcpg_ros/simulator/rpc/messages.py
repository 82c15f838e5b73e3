"""The three messages of MessagePack-RPC, and the words rpclib has for what goes wrong."""

from __future__ import annotations

from typing import Any

import msgspec

from dcpg_ros.core.errors import WireError, one_line


class RpcError(Exception):
    """A call that cannot be answered, for a reason its caller should read."""


class Request(msgspec.Struct, array_like=True, tag=0, forbid_unknown_fields=True):
    """``[0, id, method, [arguments …]]``; the arguments are decoded once it is known what they must be."""

    id: int
    method: str
    arguments: msgspec.Raw


class Response(msgspec.Struct, array_like=True, tag=1):
    """``[1, id, error, result]``; the client takes a result before it looks for an error."""

    id: int | None  # None: in answer to what was no request
    error: str | None = None
    result: Any = None


class Notification(msgspec.Struct, array_like=True, tag=2, forbid_unknown_fields=True):
    """``[2, method, [arguments …]]``, a call that nobody waits for."""

    method: str
    arguments: msgspec.Raw


_decoder = msgspec.msgpack.Decoder(Request | Notification)
_encoder = msgspec.msgpack.Encoder()
_listed = msgspec.msgpack.Decoder(list[msgspec.Raw])


def decode_call(message: bytes) -> Request | Notification:
    """The call that a message makes.

    Raises:
        WireError: if it makes none.
    """
    try:
        return _decoder.decode(message)
    except (ValueError, RecursionError) as error:
        raise WireError(f"no MessagePack-RPC request: {one_line(str(error))}") from None


def encode_response(response: Response) -> bytes:
    """The response as it is sent.

    Raises:
        TypeError, ValueError, OverflowError: if the result has no form in MessagePack.
    """
    return _encoder.encode(response)


def count_arguments(arguments: msgspec.Raw) -> int:
    """How many arguments there are; 0 if they are no array."""
    try:
        return len(_listed.decode(arguments))
    except (ValueError, RecursionError):
        return 0


def unknown_method(method: str, count: int) -> str:
    """What rpclib says when there is no such method."""
    return f"rpclib: server could not find function '{_shown(method)}' with argument count {count}."


def wrong_arity(method: str, expected: int, count: int) -> str:
    """What rpclib says when there are too few arguments, or too many."""
    return (
        f"rpclib: client error C0002: Function '{method}' was called with an invalid number of arguments. "
        f"Expected: {expected}, got: {count}"
    )


def raised(method: str, count: int, information: str) -> str:
    """What rpclib says when the method, or reading its arguments, threw an exception."""
    return (
        f"rpclib: function '{_shown(method)}' (called with {count} arg(s)) threw an exception. "
        f"The exception contained this information: {one_line(information).rstrip('.')}."
    )


def _shown(method: str) -> str:
    return one_line(method, 100)
