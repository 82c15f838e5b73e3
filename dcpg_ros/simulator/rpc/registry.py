"""Which methods can be called, and with what arguments."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from dcpg_ros.simulator.rpc.messages import RpcError, count_arguments, raised, unknown_method, wrong_arity

Function = TypeVar("Function", bound=Callable[..., Any])


class Refused(Exception):
    """A call that never reached its method; the text is the whole answer."""


def rpc(name: str) -> Callable[[Function], Function]:
    """Marks a method as the one that answers calls of this name.

    Its annotations say what the arguments must be; those with a default may be left out at the end, which is
    how the methods of different AirSim versions are one. A plain method is answered at once, an ``async``
    one when it is done.
    """

    def mark(function: Function) -> Function:
        function.__rpc__ = name  # type: ignore[attr-defined]
        return function

    return mark


def words(method: str, arguments: msgspec.Raw, error: Exception) -> str:
    """What the caller is told of an error that ``Registry.call`` raised."""
    if isinstance(error, Refused):
        return str(error)
    information = str(error) if isinstance(error, RpcError) else f"{type(error).__name__}: {error}"
    return raised(method, count_arguments(arguments), information)


class Registry:
    """The methods that can be called, by name."""

    def __init__(self, *groups: object) -> None:
        self._methods: dict[str, _Method] = {}
        for group in groups:
            self.add(group)

    def add(self, group: object) -> None:
        """Registers every method of an object that is marked with ``rpc``.

        Raises:
            ValueError: if two methods have the same name.
        """
        for attribute in dir(type(group)):
            name = getattr(getattr(type(group), attribute), "__rpc__", None)
            if name is None:
                continue
            if name in self._methods:
                raise ValueError(f"two methods are called {name}")
            self._methods[name] = _Method(name, getattr(group, attribute))

    @property
    def names(self) -> frozenset[str]:
        """What can be called."""
        return frozenset(self._methods)

    def call(self, name: str, arguments: msgspec.Raw) -> Any:
        """What the method returns; from an ``async`` one, something to be awaited.

        Raises:
            Refused: if there is no such method, or it takes fewer or more arguments.
            RpcError: if an argument is not what it must be.
            Exception: whatever the method raises.
        """
        method = self._methods.get(name)
        if method is None:
            raise Refused(unknown_method(name, count_arguments(arguments)))
        return method(arguments)


class _Method:
    """A method, and a decoder made of its signature."""

    def __init__(self, name: str, function: Callable[..., Any]) -> None:
        self._name, self._function = name, function
        hints = typing.get_type_hints(function, include_extras=True)
        parameters = inspect.signature(function).parameters.values()
        fields = [
            (each.name, hints[each.name], *(() if each.default is each.empty else (each.default,)))
            for each in parameters
        ]
        self._most = len(fields)
        self._fewest = sum(len(field) == 2 for field in fields)
        signature = msgspec.defstruct(name, fields, array_like=True, forbid_unknown_fields=True)
        self._decode = msgspec.msgpack.Decoder(signature).decode

    def __call__(self, encoded: msgspec.Raw) -> Any:
        try:
            arguments = self._decode(encoded)
        except (ValueError, RecursionError) as error:
            count = count_arguments(encoded)
            if not self._fewest <= count <= self._most:
                raise Refused(wrong_arity(self._name, self._most, count)) from None
            raise RpcError(str(error)) from None
        return self._function(*msgspec.structs.astuple(arguments))
