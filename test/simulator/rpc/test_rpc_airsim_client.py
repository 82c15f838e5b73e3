"""What the airsim client from PyPI, an old msgpack on an old tornado, makes of the server."""

import threading

import pytest

airsim = pytest.importorskip("airsim")
from msgpackrpc.error import RPCError  # noqa: E402


@pytest.fixture
def client(serve):
    client = airsim.MultirotorClient(port=serve().port, timeout_value=30)
    yield client
    client.client.close()


def test_it_pings(client):
    assert client.ping() is True


def test_its_objects_become_structs_and_its_texts_texts(client):
    points = [airsim.Vector2r(1, 2.5), airsim.Vector3r(3.0, 4.0, 5.0)]
    assert client.client.call("double", points) == [
        {"x_val": 2.0, "y_val": 5.0}, {"x_val": 6.0, "y_val": 8.0},
    ]  # fmt: skip
    assert client.client.call("echo", "größer", 2) == "größergrößer"


def test_bytes_come_back_as_bytes_and_numbers_as_numbers(client):
    assert client.client.call("blob", 1000) == bytes(1000)
    assert client.client.call("floats", 1000) == list(range(1000))


def test_bytes_that_are_no_text_are_an_error(client):
    with pytest.raises(RPCError, match="function 'echo'"):
        client.client.call("echo", b"\xff\xfe")
    assert client.ping() is True


def test_errors_raise_with_the_words_of_rpclib(client):
    with pytest.raises(
        RPCError, match=r"^rpclib: server could not find function 'takeoff' with argument count 2\.$"
    ):
        client.takeoffAsync().get()
    with pytest.raises(RPCError, match=r"Expected: 0, got: 1$"):
        client.client.call("ping", 1)
    with pytest.raises(RPCError, match=r"this information: not today\.$"):
        client.client.call("refuse")


def test_futures_may_be_joined_in_any_order(client):
    first, second = client.client.call_async("wait", "a"), client.client.call_async("wait", "b")
    assert client.ping() is True
    client.client.call("open", "b")
    second.join()
    client.client.call("open", "a")
    first.join()
    assert (first.result, second.result) == ("a", "b")


def test_a_large_answer_arrives_whole(client):
    assert client.client.call("blob", 3_000_000) == bytes(3_000_000)


def test_several_clients_in_threads_are_served(serve):
    port = serve().port
    answers = []

    def work(name):
        client = airsim.MultirotorClient(port=port, timeout_value=30)
        answers.extend(client.client.call("echo", name) for _ in range(50))
        client.client.close()

    threads = [threading.Thread(target=work, args=(str(number),)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == sorted(str(number) for number in range(8) for _ in range(50))
