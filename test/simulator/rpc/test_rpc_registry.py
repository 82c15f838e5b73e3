import inspect
import math

import msgspec
import pytest

from dcpg_ros.simulator.rpc.messages import RpcError
from dcpg_ros.simulator.rpc.registry import Refused, Registry, rpc


class Point(msgspec.Struct):
    x_val: float = 0.0
    y_val: float = 0.0


class Group:
    @rpc("move")
    def move(self, point: Point, names: list[str], speed: float = 1.0, vehicle: str = "") -> object:
        return point, names, speed, vehicle

    @rpc("later")
    async def later(self) -> int:
        return 5

    def helper(self) -> None:
        """Not for callers."""


def call(name, *arguments):
    return Registry(Group()).call(name, msgspec.Raw(msgspec.msgpack.encode(arguments)))


def test_only_what_is_marked_can_be_called():
    assert Registry(Group()).names == {"move", "later"}


def test_arguments_arrive_as_what_the_signature_says():
    assert call("move", {"x_val": 1, "y_val": 2.5}, ["a"], 3, "b") == (Point(1.0, 2.5), ["a"], 3.0, "b")


def test_arguments_with_a_default_may_be_left_out_at_the_end():
    assert call("move", {}, []) == (Point(), [], 1.0, "")
    assert call("move", {}, [], 2) == (Point(), [], 2.0, "")


def test_maps_may_have_keys_too_many_or_too_few():
    assert call("move", {"y_val": 2, "w_val": 9, "deep": {"a": [1]}}, [])[0] == Point(0.0, 2.0)


@pytest.mark.parametrize("count", [0, 1, 5, 30])
def test_any_other_number_of_arguments_is_refused(count):
    with pytest.raises(Refused, match=rf"Expected: 4, got: {count}$"):
        call("move", *({}, [], 1.0, "", 5, *range(25))[:count])


def test_an_unknown_method_is_refused():
    with pytest.raises(Refused, match="could not find function 'fly' with argument count 1"):
        call("fly", 1)


@pytest.mark.parametrize(
    "arguments",
    [
        (5, []),
        ({"x_val": "1"}, []),
        ({"x_val": None}, []),
        ({1: 2.0}, []),
        ({}, "a"),
        ({}, [b"\xff"]),
        ({}, [], True),
        ({}, [], [1.0]),
        ({}, [], 1.0, 7),
    ],
)
def test_an_argument_of_the_wrong_type_is_named(arguments):
    with pytest.raises(RpcError, match=r"Expected `\w+`.*\$\[\d\]|Expected `str`"):
        call("move", *arguments)


def test_a_text_that_is_no_utf8_is_an_error_like_any_other():
    with pytest.raises(RpcError):
        Registry(Group()).call("move", msgspec.Raw(b"\x94\x80\x90\x01\xa1\xff"))


def test_arguments_that_are_no_array_are_refused():
    with pytest.raises(Refused, match="Expected: 4, got: 0"):
        Registry(Group()).call("move", msgspec.Raw(b"\x05"))


def test_numbers_that_are_not_finite_reach_the_method():
    assert math.isnan(call("move", {"x_val": math.nan}, [])[0].x_val)


def test_an_async_method_returns_what_can_be_awaited():
    result = call("later")
    assert inspect.iscoroutine(result)
    with pytest.raises(StopIteration) as end:
        result.send(None)
    assert end.value.value == 5


def test_two_methods_of_one_name_are_a_mistake():
    with pytest.raises(ValueError, match="two methods are called"):
        Registry(Group(), Group())
