"""The link to the real simulator, and to servers that are none."""

import contextlib
import socket
import sys
import threading

import pytest

from dcpg_ros.core.errors import DcpgError, LinkLost, Stopped
from dcpg_ros.envs.airsim_link import AirSimLink

FOREVER = 3e38
HOVER_ON = ("moveByVelocity", 0.0, 0.0, 0.0, FOREVER, 0, {"is_rate": True, "yaw_or_rate": 0.0}, "")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@pytest.fixture
def impostor():
    """A server that accepts one connection after the other and sends each the same bytes."""
    with contextlib.ExitStack() as stack:

        def start(payload):
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            peers = []

            def serve():
                with contextlib.suppress(OSError):
                    while True:
                        peers.append(listener.accept()[0])
                        peers[-1].sendall(payload)

            def end():
                listener.shutdown(socket.SHUT_RDWR)
                thread.join(60)
                for peer in peers:
                    peer.close()

            thread = threading.Thread(target=serve)
            thread.start()
            stack.callback(end)
            return listener.getsockname()[1]

        yield start


def test_calls_are_answered(serve, connect):
    link = connect(serve())
    assert link.call("ping") is True
    assert link.call("listVehicles") == ["agent_0_0"]


def test_many_calls_may_be_under_way_and_read_in_any_order(serve, connect):
    link = connect(serve(flights=2))
    replies = [link.send("simGetVehiclePose", name) for name in ("agent_0_0", "agent_0_1", "")]
    listed = link.send("listVehicles")
    assert listed.get() == ["agent_0_0", "agent_0_1"]
    assert [set(reply.get()) for reply in reversed(replies)] == [{"position", "orientation"}] * 3


def test_what_the_server_refuses_is_one_line_that_names_what_there_is(serve, connect):
    link = connect(serve())
    with pytest.raises(DcpgError, match="no vehicle is called 'rocket'; there are agent_0_0") as caught:
        link.call("simGetVehiclePose", "rocket")
    assert not isinstance(caught.value, LinkLost)
    assert str(caught.value).startswith(f"AirSim at 127.0.0.1:{link.port}: simGetVehiclePose: ")
    assert "\n" not in str(caught.value)
    assert link.call("ping") is True


def test_nobody_there_is_told_in_one_line(connect):
    port = free_port()
    with pytest.raises(LinkLost, match=rf"^AirSim at 127\.0\.0\.1:{port}: Connection refused$"):
        connect(port).call("ping")


@pytest.mark.parametrize("host", ["no-such-host.invalid", "aa..bb"])
def test_a_host_that_is_none_is_told_in_one_line(host):
    pytest.importorskip("airsim")
    with pytest.raises(LinkLost, match=rf"^AirSim at {host}:1: .+$"):
        AirSimLink(host, 1).call("ping")


def test_a_server_that_dies_fails_what_is_under_way_at_once(serve, connect):
    served = serve()
    link = connect(served)
    link.call("enableApiControl", True, "")
    held = [link.send(*HOVER_ON), link.send("simGetVehiclePose", "")]
    assert link.call("ping") is True
    served.kill()
    with pytest.raises(LinkLost, match="the connection was closed"):
        held[0].get()
    with pytest.raises(LinkLost):
        link.call("ping")


def test_a_server_that_came_back_is_a_new_one_and_has_to_be_connected_to(serve, connect):
    served = serve()
    link = connect(served)
    assert link.call("ping") is True
    served.kill()
    serve(port=served.port)
    for _ in range(3):
        with pytest.raises(LinkLost):
            link.call("ping")
    link.reconnect(20)
    assert link.call("ping") is True


def test_reconnecting_waits_until_the_server_is_there(serve, connect):
    link = connect(port := free_port())
    asked = []

    def stop():
        asked.append(1)
        if len(asked) == 5:
            serve(port=port)
        return False

    link.reconnect(60, stop)
    assert len(asked) >= 5
    assert link.call("listVehicles") == ["agent_0_0"]


def test_reconnecting_gives_up_in_time(connect):
    with pytest.raises(LinkLost, match="Connection refused"):
        connect(free_port()).reconnect(0.2)


def test_reconnecting_stops_when_asked_to(connect):
    answers = iter([False, False, True])
    with pytest.raises(Stopped):
        connect(free_port()).reconnect(3600, lambda: next(answers, True))


def test_waiting_for_a_silent_server_ends_when_asked_to(impostor, connect):
    asked = []
    link = connect(impostor(b""), timeout_s=3600, stop=lambda: bool(asked) or asked.append(1))
    with pytest.raises(Stopped):
        link.call("ping")
    with pytest.raises(Stopped):
        link.call("ping")


def test_silence_is_a_loss(impostor, connect):
    link = connect(impostor(b""), timeout_s=0.3)
    with pytest.raises(LinkLost, match=r"no answer for 0\.3 s"):
        link.call("ping")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("payload", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\xc1" * 64, b"\x93\x01\x02\x03"])
def test_nonsense_is_a_loss(impostor, connect, payload):
    link = connect(impostor(payload), timeout_s=0.5)
    with pytest.raises(LinkLost):
        link.call("ping")


def test_reconnecting_to_nonsense_is_given_up_too(impostor, connect):
    with pytest.raises(LinkLost):
        connect(impostor(b"HTTP/1.1 400 Bad Request\r\n\r\n"), timeout_s=0.3).reconnect(0.5)


def test_connecting_again_and_again_leaves_nothing_open(serve, connect):
    os = pytest.importorskip("os")
    if not os.path.isdir("/proc/self/fd"):
        pytest.skip("tells open files by /proc")
    link = connect(serve())
    link.reconnect(20)
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(10):
        link.reconnect(20)
    assert len(os.listdir("/proc/self/fd")) <= before + 2  # of the server, which notices a little later


def test_a_client_that_is_not_installed_is_told_with_the_command(monkeypatch):
    monkeypatch.setitem(sys.modules, "airsim", None)
    with pytest.raises(DcpgError, match="`make test`") as caught:
        AirSimLink("127.0.0.1", 1)
    assert str(caught.value).endswith("pip install --no-build-isolation --no-deps airsim==1.8.1")
    assert "\n" not in str(caught.value)
