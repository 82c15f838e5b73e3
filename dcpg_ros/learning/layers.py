"""The layers that networks are made of, as data: what torch runs, and what an exporter writes down.

A picture is (channels, height, width) here, weights are as torch and ONNX have them.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

Shapes = tuple[tuple[str, tuple[int, ...]], ...]  # names and shapes of tensors, in order

BEFORE_RELU = sqrt(2)  # gain of weights whose output goes through a ReLU (He et al. 2015)


@dataclass(frozen=True)
class Conv:
    """A square convolution: weight (outputs, inputs, kernel, kernel), bias (outputs,)."""

    name: str
    inputs: int
    outputs: int
    kernel: int
    stride: int = 1
    padding: int = 0  # zeros on every side
    gain: float = BEFORE_RELU

    @property
    def shapes(self) -> Shapes:
        """Of its parameters."""
        weight = (self.outputs, self.inputs, self.kernel, self.kernel)
        return ((f"{self.name}.weight", weight), (f"{self.name}.bias", (self.outputs,)))

    @property
    def fan_in(self) -> int:
        """How many numbers each output is a weighted sum of."""
        return self.inputs * self.kernel**2


@dataclass(frozen=True)
class Dense:
    """y = W x + b: weight (outputs, inputs), bias (outputs,)."""

    name: str
    inputs: int
    outputs: int
    gain: float = BEFORE_RELU

    @property
    def shapes(self) -> Shapes:
        """Of its parameters."""
        return ((f"{self.name}.weight", (self.outputs, self.inputs)), (f"{self.name}.bias", (self.outputs,)))

    @property
    def fan_in(self) -> int:
        """How many numbers each output is a weighted sum of."""
        return self.inputs


@dataclass(frozen=True)
class MaxPool:
    """The largest value of each square of pixels, without padding."""

    kernel: int
    stride: int


@dataclass(frozen=True)
class Relu:
    """max(x, 0)."""


@dataclass(frozen=True)
class Flatten:
    """(channels, height, width) -> (channels * height * width,), the last index running fastest."""


Layer = Conv | Dense | MaxPool | Relu | Flatten


def sides(pixels: int, kernel: int, stride: int, padding: int = 0) -> int:
    """How many places a window has along a side of so many pixels; below 1, it does not fit."""
    return (pixels + 2 * padding - kernel) // stride + 1


def shapes_of(layers: tuple[Layer, ...]) -> Shapes:
    """Names and shapes of all parameters of these layers, in order."""
    return tuple(shape for layer in layers if isinstance(layer, Conv | Dense) for shape in layer.shapes)
