"""A link to a running AirSim, or to our own simulator, through the ``airsim`` client from PyPI."""

from __future__ import annotations

import contextlib
import logging
import socket
import time
from collections.abc import Callable
from typing import Any

from dcpg_ros.core.errors import DcpgError, LinkLost, Stopped, one_line
from dcpg_ros.envs.link import persist

INSTALL = (
    "the airsim client is not installed here: `make test` or `make bench` installs it, or "
    "pip install 'setuptools<81' wheel numpy msgpack-rpc-python backports.ssl_match_hostname && "
    "pip install --no-build-isolation --no-deps airsim==1.8.1"
)


class AirSimLink:
    """Calls over TCP. It belongs to the thread that made it, and connects with the first call.

    Once lost it stays lost until ``reconnect``: a server that came back knows nothing of what was before.
    """

    def __init__(
        self, host: str, port: int, timeout_s: float = 30.0, stop: Callable[[], bool] = lambda: False
    ) -> None:
        """For a server at this address, which has so long to answer a call, unless ``stop`` says to leave it.

        Raises:
            DcpgError: if the client is not installed.
        """
        self.host, self.port, self.timeout_s, self.stop = host, port, timeout_s, stop
        self._client: Any = None  # msgpackrpc's
        self._lost: LinkLost | Stopped | None = None
        self._since, self._limit_s = 0.0, timeout_s  # of the answer that is waited for
        self._kind = _client_class()

    def __str__(self) -> str:
        return f"AirSim at {self.host}:{self.port}"

    def call(self, method: str, *arguments: Any) -> Any:
        """The result of a method; see ``Link``."""
        return self.send(method, *arguments).get()

    def send(self, method: str, *arguments: Any) -> AirSimReply:
        """Begins a call; see ``Link``."""
        if self._lost is not None:
            raise self._lost
        if self._client is None:
            self._open(self.timeout_s)
        try:
            return AirSimReply(self, method, self._client.call_async(method, *arguments))
        except OSError:
            raise self._lose("the connection is broken") from None

    def reconnect(self, patience_s: float, stop: Callable[[], bool] = lambda: False) -> None:
        """Connects anew, and tries again for so long; see ``Link``."""
        persist(self._attempt, patience_s, stop)

    def close(self) -> None:
        """Hangs up."""
        client, self._client = self._client, None
        if client is not None:
            transport, loop = client._transport, client._loop
            if transport is not None:
                transport.close()
            loop.dettach_periodic_callback()
            with contextlib.suppress(OSError, RuntimeError):
                loop._ioloop.close(all_fds=True)

    def _attempt(self, limit_s: float) -> None:
        self.close()
        self._lost = None
        self._open(limit_s)

    def _open(self, limit_s: float) -> None:
        """Connects, and makes sure that it is a server of the API who is there."""
        try:
            socket.create_connection((self.host, self.port), timeout=limit_s).close()
        except (OSError, UnicodeError) as error:
            raise self._lose(getattr(error, "strerror", None) or str(error) or "no connection") from None
        client = self._kind(ip=self.host, port=self.port, timeout_value=None).client
        # When the connection ends, the client leaves whoever waits for an answer waiting; and it tells the
        # time in whole seconds. Both are put right here.
        client._transport.on_close = lambda _: self._end(client, self._loss("the connection was closed"))
        client._loop.attach_periodic_callback(lambda: self._look_at_the_time(client), 200)
        self._client, self._limit_s = client, limit_s
        try:
            self.call("ping")
        except (LinkLost, Stopped):
            raise
        except DcpgError as error:
            raise self._lose(f"a server of another kind: {error}") from None
        self._limit_s = self.timeout_s

    def _end(self, client: Any, error: LinkLost | Stopped) -> None:
        """Fails all calls that are under way."""
        if client is not self._client or client._transport is None:
            return
        self._lost = error
        pending, client._request_table = client._request_table, {}
        for future in pending.values():
            future.set_error(error)
        client._loop.stop()

    def _look_at_the_time(self, client: Any) -> None:
        if self.stop():
            self._end(client, Stopped("asked to stop while an answer was being waited for"))
        elif time.monotonic() - self._since > self._limit_s:
            self._end(client, self._loss(f"no answer for {self._limit_s:.3g} s"))

    def _lose(self, reason: str) -> LinkLost:
        loss = self._lost = self._loss(reason)
        return loss

    def _loss(self, reason: str) -> LinkLost:
        return LinkLost(one_line(f"{self}: {reason}"))


class AirSimReply:
    """The answer to one call."""

    def __init__(self, link: AirSimLink, method: str, future: Any) -> None:
        self._link, self._method, self._future = link, method, future

    def get(self) -> Any:
        """The result; see ``Reply``."""
        future, link = self._future, self._link
        link._since = time.monotonic()
        if not future._set_flag and link._lost is not None:
            raise link._lost
        future.join()
        error = future.error
        if isinstance(error, (LinkLost, Stopped)):
            raise error
        if error is not None:
            raise DcpgError(one_line(f"{link}: {self._method}: {error}"))
        return future.result


def _client_class() -> Any:
    """The client's class; imported late, for it is a heavy thing that not everybody has."""
    try:
        import airsim
    except ImportError:
        raise DcpgError(INSTALL) from None
    # What goes wrong in the client's callbacks becomes a lost link; its loop would add tracebacks.
    logging.getLogger("tornado").setLevel(logging.CRITICAL + 1)
    return airsim.MultirotorClient
