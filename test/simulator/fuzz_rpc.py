"""Sends a server thousands of messages, most of them wrong, and tells what became of them and of its memory.

python test/simulator/fuzz_rpc.py --messages 100000 --seed 0
"""

import argparse
import collections
import contextlib
import dataclasses
import random
import re
import socket
import subprocess
import sys
import tempfile
import time

import msgspec
import psutil

from dcpg_ros.simulator.rpc.framing import Framer, MessageLimits

NAN, INF = float("nan"), float("inf")
POSE = {
    "position": {"x_val": 1.0, "y_val": 0.0, "z_val": -1.0},
    "orientation": {"w_val": 1.0, "x_val": 0.0, "y_val": 0.0, "z_val": 0.0},
}
AWAY = POSE | {"position": {"x_val": 5.0, "y_val": 5.0, "z_val": 10.0}}
IMAGE = {"camera_name": "0", "image_type": 0, "pixels_as_float": False, "compress": False}
YAW = {"is_rate": True, "yaw_or_rate": 0.0}
CALLS = [
    ("ping", []),
    ("confirmConnection", []),
    ("enableApiControl", [True, ""]),
    ("armDisarm", [True, ""]),
    ("simGetVehiclePose", [""]),
    ("simSetVehiclePose", [POSE, True, ""]),
    ("simSetVehiclePose", [POSE, False, ""]),
    ("simGetCollisionInfo", [""]),
    ("getMultirotorState", [""]),
    ("simGetImages", [[IMAGE], "", False]),
    ("simGetImages", [[IMAGE, IMAGE | {"image_type": 3}]]),
    ("simGetImage", ["front_center", 1, "", False]),
    ("simGetCameraInfo", ["0", "", False]),
    ("moveToPosition", [1.0, 2.0, -1.0, 1.0, 0.1, 0, YAW, -1.0, 1.0, ""]),
    ("moveByVelocity", [1.0, 0.0, 0.0, 0.01, 0, YAW, ""]),
    ("moveOnPath", [[POSE["position"]] * 3, 1.0, 0.1, 0, YAW, -1.0, 1.0, ""]),
    ("takeoff", [0.1, ""]),
    ("hover", [""]),
    ("cancelLastTask", [""]),
    ("simListSceneObjects", [".*"]),
    ("simGetObjectPose", ["wall_0"]),
    ("simSpawnObject", ["Box", "Cube", AWAY, {"x_val": 1.0, "y_val": 1.0, "z_val": 1.0}, False, False]),
    ("simDestroyObject", ["Box"]),
    ("simAddVehicle", ["Drone", "SimpleFlight", POSE, ""]),
    ("simSetObjectPose", ["wall_0", POSE, True]),
    ("simSetSegmentationObjectID", [".*", 5, True]),
    ("simPlotPoints", [[POSE["position"]], [1.0, 0.0, 0.0, 1.0], 10.0, 1.0, False]),
    ("getImuData", ["", ""]),
    ("getLidarData", ["", ""]),
    ("getSettingsString", []),
    ("listVehicles", []),
]
STRANGE = [
    None, True, -1, 0, 2**31, 2**64 - 1, 1e308, NAN, INF, -INF, "", "x" * 300,
    "\0", "(((", b"\xff\xfe", [], [[]], {},
    {"": None}, [1.0] * 50, ["a"] * 50, msgspec.msgpack.Ext(5, b"ext"),
]  # fmt: skip
SMALL = MessageLimits(size=8 << 20)


@dataclasses.dataclass
class Report:
    """What was sent, what came back, and the server's resident memory in bytes."""

    sent: collections.Counter = dataclasses.field(default_factory=collections.Counter)
    answers: int = 0
    errors: int = 0
    hung_up: int = 0
    bystander_s: float = 0.0  # the longest that another client had to wait for an answer
    memory_before: int = 0
    memory_most: int = 0
    memory_after: int = 0

    def __str__(self):
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(self.sent.items()))
        before, most, after = (
            size / 1e6 for size in (self.memory_before, self.memory_most, self.memory_after)
        )
        return (
            f"sent {self.sent.total()} messages: {kinds}\n"
            f"came back: {self.answers} answers, {self.errors} errors, {self.hung_up} hang-ups\n"
            f"a bystander waited {1e3 * self.bystander_s:.1f} ms at most\n"
            f"the server's memory: {before:.1f} MB before, {most:.1f} MB at most, {after:.1f} MB after"
        )


class Client:
    """A connection that is made anew whenever it has been lost."""

    def __init__(self, port):
        self.port = port
        self.open()

    def open(self):
        self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        self.framer = Framer()

    def send(self, data):
        with contextlib.suppress(
            OSError
        ):  # it hung up while we were talking; what it said is still to be read
            self.socket.sendall(data)

    def receive(self):
        """The next response, or None at the end of the connection."""
        while (message := self.framer.next()) is None:
            try:
                chunk = self.socket.recv(1 << 18)
            except ConnectionError:
                return None
            if not chunk:
                return None
            self.framer.feed(chunk)
        return msgspec.msgpack.decode(message)

    def close(self):
        self.socket.close()


class Fuzzer:
    """Draws messages from a seed, sends them, and counts."""

    def __init__(self, port, server, seed):
        self.random = random.Random(seed)
        self.client, self.bystander = Client(port), Client(port)
        self.server = server
        self.report = Report(memory_before=server.memory_info().rss)
        self.kinds = {
            self.valid: 6, self.strange: 6, self.arity: 1, self.unknown: 1, self.notified: 1, self.noise: 2,
            self.flipped: 3, self.truncated: 2, self.nested: 1, self.announced: 1, self.pile: 0.05,
            self.abandoned: 0.2,
        }  # fmt: skip
        self.id = 0

    def run(self, messages):
        kinds, weights = list(self.kinds), list(self.kinds.values())
        for number, kind in enumerate(self.random.choices(kinds, weights, k=messages)):
            self.report.sent[kind.__name__] += 1
            kind()
            if number % 100 == 0:
                self.look()
        self.look()
        self.report.memory_after = self.server.memory_info().rss
        return self.report

    def look(self):
        """Whether the server still serves others, and what it weighs."""
        start = time.perf_counter()
        self.bystander.send(self.call("ping", []))
        assert self.bystander.receive() == [1, self.id, None, True]
        self.report.bystander_s = max(self.report.bystander_s, time.perf_counter() - start)
        self.report.memory_most = max(self.report.memory_most, self.server.memory_info().rss)

    # Messages that are whole: each has its answer, or the server hangs up.

    def valid(self):
        self.expect(self.call(*self.random.choice(CALLS)))

    def strange(self):
        method, arguments = self.random.choice(CALLS)
        self.expect(self.call(method, self.mutated(arguments)))

    def arity(self):
        method, arguments = self.random.choice(CALLS)
        self.expect(self.call(method, (arguments + STRANGE)[: self.random.randrange(20)]))

    def unknown(self):
        self.expect(self.call("".join(self.random.choices("abcé\0", k=self.random.randrange(30))), []))

    def notified(self):
        method, arguments = self.random.choice(CALLS)
        self.expect(msgspec.msgpack.encode([2, method, self.mutated(arguments)]))

    # Messages that may be anything: their connection ends with them.

    def noise(self):
        self.end(self.random.randbytes(self.random.randrange(1, 200)))

    def flipped(self):
        message = bytearray(self.call(*self.random.choice(CALLS)))
        for _ in range(self.random.randrange(1, 4)):
            message[self.random.randrange(len(message))] ^= 1 << self.random.randrange(8)
        self.end(bytes(message))

    def truncated(self):
        message = self.call(*self.random.choice(CALLS))
        self.end(message[: self.random.randrange(len(message))])

    def nested(self):
        depth = self.random.choice([10, 40, 1000, 100_000])
        self.end(self.call("ping", [])[:-1] + b"\x91" * depth + b"\xc0")

    def announced(self):
        tag = self.random.choice([b"\xdd", b"\xdf", b"\xc6", b"\xdb", b"\xc9"])
        self.end(b"\x94\x00\x01\xa4ping" + tag + (100_000_000).to_bytes(4, "big") + bytes(1000))

    def pile(self):
        """100 MB that the server need not take."""
        self.client.send(b"\x94\x00\x01\xa4ping\xdc\xff\xff")
        piece = (b"\xc5\xff\xff" + bytes(0xFFFF)) * 16
        for _ in range(100):
            self.client.send(piece)
        self.end(b"")

    def abandoned(self):
        """A call whose answer nobody reads."""
        for _ in range(20):
            self.client.send(self.call(*self.random.choice(CALLS)))
        self.client.close()
        self.client.open()

    def call(self, method, arguments):
        self.id = (self.id + 1) % 2**32
        return msgspec.msgpack.encode([0, self.id, method, arguments])

    def mutated(self, value):
        """The value with something strange in one place."""
        if not self.random.randrange(4):
            return self.random.choice(STRANGE)
        if isinstance(value, dict) and value:
            key = self.random.choice(list(value))
            return value | {key: self.mutated(value[key])}
        if isinstance(value, list) and value:
            place = self.random.randrange(len(value))
            return [*value[:place], self.mutated(value[place]), *value[place + 1 :]]
        return self.random.choice(STRANGE)

    def expect(self, message):
        """Sends a whole message, and waits until the server has come past it; a move is answered later."""
        self.client.send(message + self.call("ping", []))
        while (response := self.client.receive()) is not None:
            if response[1] == self.id and response[3] is True:
                return
            self.count(response)
        self.report.hung_up += 1
        self.client.close()
        self.client.open()

    def end(self, message):
        self.client.send(message)
        with contextlib.suppress(OSError):
            self.client.socket.shutdown(socket.SHUT_WR)
        while (response := self.client.receive()) is not None:
            self.count(response)
        self.report.hung_up += 1
        self.client.close()
        self.client.open()

    def count(self, response):
        kind, _, error, result = response
        assert kind == 1
        assert error is None or (result is None and error.startswith("rpclib: ")), response
        if error is None:
            self.report.answers += 1
        else:
            self.report.errors += 1


def fuzz(messages, seed, *arguments):
    """Fuzzes a simulator of its own, started with these arguments; the report."""
    command = [sys.executable, "-m", "dcpg_ros.cli.main", "simulator", "--port", "0", *arguments]
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            port = int(re.search(r":(\d+),", server.stdout.readline()).group(1))
            report = Fuzzer(port, psutil.Process(server.pid), seed).run(messages)
            assert server.poll() is None, "the server ended"
        finally:
            server.terminate()
            status = server.wait(60)
            server.stdout.close()
        assert status == 0
    return report


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--scene", default="indoor_twist")
    options = parser.parse_args()
    start = time.monotonic()
    print(fuzz(options.messages, options.seed, "--scene", options.scene))
    print(f"{time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()
