import msgspec
import numpy as np
import pytest
from numpy.testing import assert_array_equal

from dcpg_ros.core.errors import WireError
from dcpg_ros.simulator.rpc.arrays import float32_array
from dcpg_ros.simulator.rpc.messages import (
    Notification,
    Request,
    Response,
    count_arguments,
    decode_call,
    encode_response,
    raised,
    unknown_method,
    wrong_arity,
)

encode, decode = msgspec.msgpack.encode, msgspec.msgpack.decode


def test_a_request_is_an_array_of_four():
    call = decode_call(encode([0, 7, "ping", [1, "a"]]))
    assert isinstance(call, Request)
    assert (call.id, call.method, decode(call.arguments)) == (7, "ping", [1, "a"])


def test_a_notification_is_an_array_of_three():
    call = decode_call(encode([2, "ping", []]))
    assert isinstance(call, Notification)
    assert (call.method, decode(call.arguments)) == ("ping", [])


@pytest.mark.parametrize(
    "message",
    [
        b"\x47",  # the G of an HTTP request
        encode("ping"),
        encode({"method": "ping"}),
        encode([]),
        encode([0, 7, "ping"]),
        encode([0, 7, "ping", [], 1]),
        encode([0, "7", "ping", []]),
        encode([0, 7, 5, []]),
        encode([1, 7, None, True]),
        encode([3, 7, "ping", []]),
        encode([2, 7, "ping", []]),
        b"\x94\x00\x07\xa1\xff\x90",  # a name that is no UTF-8
    ],
)
def test_whatever_else_is_no_request(message):
    with pytest.raises(WireError, match="no MessagePack-RPC request"):
        decode_call(message)


def test_a_response_has_a_result_or_an_error():
    assert decode(encode_response(Response(7, result=True))) == [1, 7, None, True]
    assert decode(encode_response(Response(7, error="no"))) == [1, 7, "no", None]


@pytest.mark.parametrize(("arguments", "count"), [([], 0), ([1, [2, 3]], 2), (5, 0), ({"a": 1}, 0)])
def test_arguments_are_counted_without_being_read(arguments, count):
    assert count_arguments(msgspec.Raw(encode(arguments))) == count


def test_errors_are_worded_as_rpclib_words_them():
    assert unknown_method("f", 2) == "rpclib: server could not find function 'f' with argument count 2."
    assert wrong_arity("f", 2, 3) == (
        "rpclib: client error C0002: Function 'f' was called with an invalid number of arguments. "
        "Expected: 2, got: 3"
    )
    assert raised("f", 1, "no such vehicle.") == (
        "rpclib: function 'f' (called with 1 arg(s)) threw an exception. "
        "The exception contained this information: no such vehicle."
    )


def test_an_error_does_not_send_a_long_name_back():
    assert len(unknown_method("f" * 10**6, 0)) < 200


@pytest.mark.parametrize("count", [0, 1, 15, 16, 65_535, 65_536])
def test_a_float32_array_is_what_msgspec_reads_as_a_list(count):
    values = np.linspace(-1e6, 1e6, count).astype(np.float32)
    encoded = float32_array(values)
    assert len(bytes(encoded)) == 5 * count + (1 if count < 16 else 3 if count < 65_536 else 5)
    assert_array_equal(np.array(decode(encoded), np.float32), values)


def test_a_float32_array_of_two_axes_is_sent_row_by_row():
    assert decode(float32_array(np.array([[1.0, 2.0], [np.inf, -4.5]]))) == [1.0, 2.0, float("inf"), -4.5]
