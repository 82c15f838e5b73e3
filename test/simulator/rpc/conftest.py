"""A server with a few methods of its own, run in a thread beside the test; and a socket to talk to it."""

import asyncio
import contextlib
import socket
import threading

import msgspec
import numpy as np
import pytest

from dcpg_ros.simulator.rpc import Limits, Registry, RpcError, RpcServer, float32_array, rpc
from dcpg_ros.simulator.rpc.framing import Framer


class Vector(msgspec.Struct):
    x_val: float = 0.0
    y_val: float = 0.0


class Methods:
    """One method of each kind."""

    def __init__(self):
        self.gates = {}  # what the async calls wait for
        self.cancelled = threading.Event()
        self.heard = []

    @rpc("ping")
    def ping(self) -> bool:
        return True

    @rpc("echo")
    def echo(self, text: str, times: int = 1) -> str:
        return text * times

    @rpc("double")
    def double(self, vectors: list[Vector]) -> list[Vector]:
        return [Vector(2 * vector.x_val, 2 * vector.y_val) for vector in vectors]

    @rpc("blob")
    def blob(self, size: int) -> bytes:
        return bytes(size)

    @rpc("floats")
    def floats(self, count: int) -> msgspec.Raw:
        return float32_array(np.arange(count))

    @rpc("hear")
    def hear(self, text: str) -> None:
        self.heard.append(text)

    @rpc("refuse")
    def refuse(self) -> None:
        raise RpcError("not today.")

    @rpc("fail")
    def fail(self) -> float:
        return 1 / 0

    @rpc("unsendable")
    def unsendable(self) -> object:
        return object()

    @rpc("wait")
    async def wait(self, gate: str) -> str:
        event = self.gates.setdefault(gate, asyncio.Event())
        try:
            await event.wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        return gate

    @rpc("open")
    def open(self, gate: str) -> None:
        self.gates.setdefault(gate, asyncio.Event()).set()


class Peer:
    """A socket that speaks MessagePack-RPC, or whatever else it is given."""

    def __init__(self, port, timeout=30.0):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.framer = Framer()

    def send(self, data):
        self.socket.sendall(data)

    def call(self, id, method, *arguments):
        self.send(msgspec.msgpack.encode([0, id, method, arguments]))

    def receive(self):
        """The next response, or None if the server hung up."""
        while (message := self.framer.next()) is None:
            try:
                chunk = self.socket.recv(1 << 20)
            except ConnectionResetError:
                return None
            if not chunk:
                return None
            self.framer.feed(chunk)
        return msgspec.msgpack.decode(message)

    def ask(self, id, method, *arguments):
        self.call(id, method, *arguments)
        return self.receive()


class Running:
    """A server at work in its thread."""

    def __init__(self, limits):
        self.methods = Methods()
        self.server = RpcServer(Registry(self.methods), port=0, limits=limits)
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.run(self.server.start())
        self.port = self.server.port
        self.peers = []

    def run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(30)

    def connect(self):
        self.peers.append(Peer(self.port))
        return self.peers[-1]

    def close(self):
        self.run(self.server.close())
        for peer in self.peers:
            peer.socket.close()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(30)
        self.loop.close()


@pytest.fixture
def serve():
    """Starts servers, with limits if asked for."""
    with contextlib.ExitStack() as stack:

        def start(limits=None):
            running = Running(limits or Limits())
            stack.callback(running.close)
            return running

        yield start
