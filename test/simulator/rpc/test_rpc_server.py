import asyncio
import socket
import threading

import msgspec
import psutil
import pytest

from dcpg_ros.core.errors import InputError
from dcpg_ros.simulator.rpc import Limits, Registry, RpcServer
from dcpg_ros.simulator.rpc.framing import MessageLimits

encode = msgspec.msgpack.encode
RAISED = (
    "rpclib: function '{}' (called with {} arg(s)) threw an exception. "
    "The exception contained this information: {}."
)


def test_a_call_is_answered_by_its_id(serve):
    peer = serve().connect()
    assert peer.ask(7, "ping") == [1, 7, None, True]
    assert peer.ask(2**32 - 1, "echo", "a", 3) == [1, 2**32 - 1, None, "aaa"]
    assert peer.ask(0, "double", [{"x_val": 1, "y_val": 2.0}]) == [1, 0, None, [{"x_val": 2.0, "y_val": 4.0}]]
    assert peer.ask(1, "blob", 3) == [1, 1, None, b"\0\0\0"]
    assert peer.ask(1, "floats", 3) == [1, 1, None, [0.0, 1.0, 2.0]]


@pytest.mark.parametrize(
    ("method", "arguments", "error"),
    [
        ("land", (1, 2), "rpclib: server could not find function 'land' with argument count 2."),
        ("ping", (1,), "rpclib: client error C0002: Function 'ping' was called with an invalid number of "
                       "arguments. Expected: 0, got: 1"),
        ("echo", (5,), RAISED.format("echo", 1, "Expected `str`, got `int` - at `$[0]`")),
        ("refuse", (), RAISED.format("refuse", 0, "not today")),
        ("fail", (), RAISED.format("fail", 0, "ZeroDivisionError: division by zero")),
        ("unsendable", (), RAISED.format("unsendable", 0,
                                         "TypeError: Encoding objects of type object is unsupported")),
    ],
)  # fmt: skip
def test_a_call_that_fails_has_an_error_and_no_result_and_the_next_is_answered(
    serve, method, arguments, error
):
    peer = serve().connect()
    assert peer.ask(3, method, *arguments) == [1, 3, error, None]
    assert peer.ask(4, "ping") == [1, 4, None, True]


def test_only_unexpected_failures_are_logged(serve, caplog):
    peer = serve().connect()
    for method in ("refuse", "nothing", "echo"):
        peer.ask(0, method)
    assert not caplog.records
    peer.ask(0, "fail")
    assert [record.message for record in caplog.records] == ["fail failed"]


def test_a_notification_is_obeyed_and_gets_no_answer(serve):
    server = serve()
    peer = server.connect()
    peer.send(encode([2, "hear", ["one"]]) + encode([2, "refuse", []]) + encode([2, "hear", ["two"]]))
    assert peer.ask(0, "ping") == [1, 0, None, True]
    assert server.methods.heard == ["one", "two"]


def test_calls_under_way_do_not_hold_up_others_and_answer_as_they_get_done(serve):
    peer = serve().connect()
    peer.call(1, "wait", "a")
    peer.call(2, "wait", "b")
    assert peer.ask(3, "ping") == [1, 3, None, True]
    peer.call(4, "open", "b")
    assert sorted([peer.receive(), peer.receive()]) == [[1, 2, None, "b"], [1, 4, None, None]]
    peer.call(5, "open", "a")
    assert sorted([peer.receive(), peer.receive()]) == [[1, 1, None, "a"], [1, 5, None, None]]


def test_a_call_under_way_ends_with_its_client(serve):
    server = serve()
    peer = server.connect()
    peer.call(1, "wait", "a")
    assert peer.ask(2, "ping")[1] == 2
    peer.socket.close()
    assert server.methods.cancelled.wait(30)


def test_calls_under_way_are_limited_and_plain_ones_go_on(serve):
    peer = serve(Limits(pending=2)).connect()
    for id in range(2):
        peer.call(id, "wait", "a")
    assert peer.ask(2, "wait", "a") == [
        1,
        2,
        RAISED.format("wait", 1, "more than 2 calls are under way"),
        None,
    ]
    peer.call(3, "open", "a")
    assert sorted(peer.receive()[1] for _ in range(3)) == [0, 1, 3]


def test_many_calls_sent_at_once_are_all_answered_in_order(serve):
    peer = serve().connect()
    calls = b"".join(encode([0, id, "echo", [str(id)]]) for id in range(3000))
    threading.Thread(target=peer.send, args=(calls,)).start()
    assert [peer.receive() for _ in range(3000)] == [[1, id, None, str(id)] for id in range(3000)]


def test_a_message_may_come_byte_by_byte(serve):
    peer = serve().connect()
    for byte in encode([0, 1, "echo", ["slowly"]]):
        peer.send(bytes([byte]))
    assert peer.receive() == [1, 1, None, "slowly"]


@pytest.mark.parametrize(
    ("nonsense", "reason"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", "rpclib: no MessagePack-RPC request: Expected `array`, got `int`"),
        (b"\xc1", "rpclib: no MessagePack: the byte 0xc1"),
        (b"\x91" * 100_000, "rpclib: a message nested deeper than 32"),
        (b"\xdd\xff\xff\xff\xff", "rpclib: a message of more than 8388608 bytes"),
    ],
)
def test_nonsense_ends_its_connection_with_a_reason_and_no_other(serve, nonsense, reason):
    server = serve()
    bystander, peer = server.connect(), server.connect()
    peer.send(nonsense)
    assert peer.receive() == [1, None, reason, None]
    assert peer.receive() is None
    assert bystander.ask(1, "ping") == [1, 1, None, True]


def test_a_message_cut_short_at_any_byte_harms_nobody(serve):
    server = serve()
    bystander = server.connect()
    message = encode([0, 1, "double", [[{"x_val": 1.5}] * 3]])
    for length in range(len(message)):
        peer = server.connect()
        peer.send(message[:length])
        peer.socket.shutdown(socket.SHUT_WR)
        assert peer.receive() is None
    assert bystander.ask(1, "ping") == [1, 1, None, True]


def test_a_client_that_dies_within_its_answer_harms_nobody(serve):
    server = serve()
    bystander = server.connect()
    for _ in range(10):
        peer = server.connect()
        peer.call(1, "blob", 20_000_000)
        peer.socket.recv(1000)
        peer.socket.close()
    assert bystander.ask(1, "ping") == [1, 1, None, True]


def test_64_clients_are_served_at_once(serve):
    server = serve()
    peers = [server.connect() for _ in range(64)]
    for peer in peers:
        peer.call(1, "wait", "all")
    for id, peer in enumerate(peers):
        assert peer.ask(id, "echo", str(id)) == [1, id, None, str(id)]
    server.connect().ask(1, "open", "all")
    assert [peer.receive() for peer in peers] == [[1, 1, None, "all"]] * 64


def test_a_client_too_many_is_told_so(serve):
    server = serve(Limits(connections=2))
    peers = [server.connect() for _ in range(2)]
    assert all(peer.ask(1, "ping") for peer in peers)
    third = server.connect()
    assert third.receive() == [1, None, "rpclib: more than 2 connections", None]
    assert third.receive() is None
    assert all(peer.ask(1, "ping") for peer in peers)


def test_a_slow_reader_does_not_fill_the_memory(serve, until):
    """It asks for 20 GB and reads nothing: the server holds one answer, and calls that it leaves unread."""
    server = serve(Limits(unsent=100_000))
    peer = server.connect()
    calls = b"".join(encode([0, id, "blob", [2_000_000]]) for id in range(10_000))
    sender = threading.Thread(target=peer.send, args=(calls,), daemon=True)
    before = psutil.Process().memory_info().rss
    sender.start()
    bystander = server.connect()
    for id in range(200):  # of which each takes a turn of the server's loop
        assert bystander.ask(id, "ping") == [1, id, None, True]
    assert psutil.Process().memory_info().rss - before < 60_000_000
    assert peer.receive()[1] == 0  # and once it reads, it is served


def test_100_megabytes_are_refused_when_they_are_announced_and_bounded_when_they_are_not(serve):
    server = serve(Limits(message=MessageLimits(size=2_000_000, objects=1000)))
    before = psutil.Process().memory_info().rss
    piece = b"\xc4\xff" + bytes(255)
    for start in (b"\xc6\x06\x40\x00\x00", b"\xdd\x06\x40\x00\x00", b"\xdc\xff\xff", b"\x9f" + piece * 14):
        peer = server.connect()
        peer.send(start)
        try:
            for _ in range(1000):
                peer.send(piece * 400)
        except OSError:  # it hung up
            pass
    assert server.connect().ask(1, "ping") == [1, 1, None, True]
    assert psutil.Process().memory_info().rss - before < 40_000_000


def test_a_port_in_use_is_refused_in_one_line(serve):
    port = serve().port
    with pytest.raises(
        InputError, match=rf"^simulator: port: found 127.0.0.1:{port}, in use, allowed: a free"
    ):
        asyncio.run(RpcServer(Registry(), port=port).start())


def test_an_address_of_another_machine_is_refused_in_one_line():
    with pytest.raises(InputError, match=r"^simulator: port: found 203.0.113.1:0, .*, allowed: a free"):
        asyncio.run(RpcServer(Registry(), host="203.0.113.1", port=0).start())


def test_closing_ends_connections_and_calls(serve):
    server = serve()
    peer = server.connect()
    peer.call(1, "wait", "a")
    assert peer.ask(2, "ping")[1] == 2
    server.run(server.server.close())
    assert peer.receive() is None
    assert server.methods.cancelled.wait(30)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port))
