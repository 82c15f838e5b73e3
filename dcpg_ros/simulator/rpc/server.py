"""The server: many clients, each of whom may have many calls under way, answered as they get done."""

from __future__ import annotations

import asyncio
import errno
import inspect
import logging
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from dcpg_ros.core.errors import InputError, WireError
from dcpg_ros.simulator.rpc.framing import Framer, MessageLimits
from dcpg_ros.simulator.rpc.messages import (
    Notification,
    Request,
    Response,
    RpcError,
    decode_call,
    encode_response,
)
from dcpg_ros.simulator.rpc.registry import Refused, Registry, words

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limits:
    """What the clients may ask of the server at most."""

    message: MessageLimits = field(default_factory=MessageLimits)
    connections: int = 128
    pending: int = 64  # calls under way on one connection
    unsent: int = 1 << 20  # bytes of answers waiting for a slow reader, beside the one being written


class RpcServer:
    """Answers the methods of a registry on a TCP port."""

    def __init__(
        self, registry: Registry, host: str = "127.0.0.1", port: int = 41451, limits: Limits | None = None
    ) -> None:
        self._registry = registry
        self._limits = limits or Limits()
        self._host, self._port = host, port
        self._listener: asyncio.Server | None = None
        self._connections: set[_Connection] = set()

    @property
    def port(self) -> int:
        """The port listened on; if 0 was asked for, the one that was free."""
        return self._port

    async def start(self) -> None:
        """Begins to listen.

        Raises:
            InputError: if that address cannot be had.
        """
        loop = asyncio.get_running_loop()
        try:
            self._listener = await loop.create_server(self._connect, self._host, self._port)
        except (OSError, UnicodeError) as error:  # a name that cannot be one is a UnicodeError
            used = getattr(error, "errno", None) == errno.EADDRINUSE
            reason = "in use" if used else getattr(error, "strerror", None) or error
            found = f"{self._host}:{self._port}, {reason}"
            raise InputError("simulator", "port", found, "a free port of this machine") from None
        self._port = self._listener.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Ends every connection and stops listening."""
        if self._listener is None:
            return
        self._listener.close()
        for connection in tuple(self._connections):
            connection.abort()
        await self._listener.wait_closed()

    def _connect(self) -> _Connection:
        return _Connection(self._registry, self._limits, self._connections)


class _Connection(asyncio.Protocol):
    """One client. asyncio sets TCP_NODELAY, so that small answers leave at once."""

    _transport: asyncio.Transport

    def __init__(self, registry: Registry, limits: Limits, others: set[_Connection]) -> None:
        self._registry, self._limits, self._others = registry, limits, others
        self._framer = Framer(limits.message)
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_serving = False  # the next message has its turn in the event loop
        self._is_choked = False  # the client does not read its answers
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.set_write_buffer_limits(high=self._limits.unsent)
        if len(self._others) >= self._limits.connections:
            self._give_up(f"more than {self._limits.connections} connections")
        self._others.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._others.discard(self)
        for task in self._tasks:
            task.cancel()

    def abort(self) -> None:
        """Ends the connection without waiting for the client to read."""
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._framer.feed(data)
        if not self._is_serving:
            self._serve()

    def pause_writing(self) -> None:
        self._is_choked = True
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        self._is_choked = False
        if not self._is_serving:
            self._serve()

    def _serve(self) -> None:
        """Takes up one call; the next has to wait for its turn, so that no client starves the others.

        While calls wait here, nothing is read, so that they wait in the client's own buffers instead.
        """
        self._is_serving = False
        if self._is_choked or self._transport.is_closing():
            return
        try:
            message = self._framer.next()
            if message is not None:
                self._begin(decode_call(message))
        except WireError as error:
            self._give_up(str(error))
            return
        if message is not None and len(self._framer):
            self._transport.pause_reading()
            self._is_serving = True
            self._loop.call_soon(self._serve)
        elif not self._is_choked:
            self._transport.resume_reading()

    def _begin(self, call: Request | Notification) -> None:
        """Answers a call, or begins to work on it."""
        try:
            result = self._registry.call(call.method, call.arguments)
        except Exception as error:  # whatever it is, the server goes on
            self._answer(call, error=error)
            return
        if not inspect.iscoroutine(result):
            self._answer(call, result)
        elif len(self._tasks) < self._limits.pending:
            task = self._loop.create_task(self._finish(call, result))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        else:
            result.close()
            self._answer(call, error=RpcError(f"more than {self._limits.pending} calls are under way"))

    async def _finish(self, call: Request | Notification, result: Coroutine[Any, Any, Any]) -> None:
        try:
            value = await result
        except Exception as error:
            self._answer(call, error=error)
        else:
            self._answer(call, value)

    def _answer(
        self, call: Request | Notification, result: Any = None, error: Exception | None = None
    ) -> None:
        if error is not None and not isinstance(error, (Refused, RpcError)):
            log.error("%s failed", call.method, exc_info=error)
        if isinstance(call, Notification) or self._transport.is_closing():
            return
        if error is not None:
            self._send(Response(call.id, error=words(call.method, call.arguments, error)))
            return
        try:
            self._send(Response(call.id, result=result))
        except (TypeError, ValueError, OverflowError) as failure:
            self._answer(call, error=failure)

    def _send(self, response: Response) -> None:
        self._transport.write(encode_response(response))

    def _give_up(self, reason: str) -> None:
        """Tells a client why it is not understood, and hangs up."""
        log.warning("connection closed: %s", reason)
        self._send(Response(None, error=f"rpclib: {reason}"))
        self._transport.close()
