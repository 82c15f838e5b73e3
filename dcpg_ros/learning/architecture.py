"""What a network looks like: a trunk, a policy head and a value head, and how their weights begin.

    picture (H, W, C) uint8 -> standardised (C, H, W) -> trunk -> features -> policy head -> logits (A,)
                                                                           -> value head  -> V

The tensors of the trunk and of the policy head are ``policy.*``: they are theta, and travel. Those of the
value head are ``value.*`` and stay with the agent. Nothing here needs torch.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from math import prod

import numpy as np
from numpy.typing import NDArray

from dcpg_ros.core.errors import InputError
from dcpg_ros.core.seeding import Purpose, generator
from dcpg_ros.learning.layers import Conv, Dense, Flatten, Layer, MaxPool, Relu, Shapes, shapes_of, sides

# A picture less its mean is divided by its standard deviation, but by no less than this: one grey level.
SMALLEST_DEVIATION = 1.0

NEARLY_UNIFORM = 0.01  # gain of the policy's last layer, so that exploration comes first
LINEAR = 1.0  # gain of a last layer


@dataclass(frozen=True)
class Architecture:
    """A network for pictures of one size and one number of actions."""

    network: str
    height: int
    width: int
    channels: int
    actions: int
    trunk: tuple[Layer, ...]
    policy: tuple[Layer, ...]
    value: tuple[Layer, ...]

    @property
    def policy_shapes(self) -> Shapes:
        """Names and shapes of theta's tensors, in the order in which they lie in it."""
        return shapes_of(self.trunk + self.policy)

    @property
    def value_shapes(self) -> Shapes:
        """Names and shapes of the tensors that stay local, in order."""
        return shapes_of(self.value)

    def initial_theta(self, seed: int) -> NDArray[np.float32]:
        """theta^0, flat; common to all agents."""
        return _initial(self.trunk + self.policy, generator(seed, Purpose.INITIAL_THETA))

    def initial_value(self, seed: int, agent: int) -> NDArray[np.float32]:
        """The first weights of the value head, flat; each agent has its own."""
        return _initial(self.value, generator(seed, Purpose.CRITIC, agent))


def architecture_of(network: str, height: int, width: int, actions: int, channels: int = 3) -> Architecture:
    """The network of this name, for pictures (height, width, channels).

    Raises:
        InputError: if the pictures are too small for it, or there is no such network.
    """
    if network not in BUILDERS:
        raise InputError("learner", "network", network, " or ".join(BUILDERS))
    stack = BUILDERS[network](_Stack(channels, height, width), actions)
    if stack is None:
        side = next(side for side in count(1) if BUILDERS[network](_Stack(channels, side, side), actions))
        found = f"pictures of {width}x{height} pixels"
        raise InputError("learner", f"network {network}", found, f"at least {side}x{side} pixels")
    return Architecture(network, height, width, channels, actions, *stack)


Parts = tuple[tuple[Layer, ...], tuple[Layer, ...], tuple[Layer, ...]]  # trunk, policy head, value head


@dataclass
class _Stack:
    """A trunk in the making: its layers so far, and the shape of what comes out of them."""

    channels: int
    height: int
    width: int
    layers: list[Layer] = field(default_factory=list)

    @property
    def features(self) -> int:
        """Of what comes out, flattened; 0 if the picture was too small."""
        return self.channels * max(self.height, 0) * max(self.width, 0)

    def conv(self, name: str, outputs: int, kernel: int, stride: int = 1, padding: int = 0) -> _Stack:
        """Adds a convolution and its ReLU."""
        self.layers += [Conv(name, self.channels, outputs, kernel, stride, padding), Relu()]
        self.channels = outputs
        return self._slid(kernel, stride, padding)

    def pool(self, kernel: int, stride: int) -> _Stack:
        """Adds a maximum pool."""
        self.layers.append(MaxPool(kernel, stride))
        return self._slid(kernel, stride, 0)

    def _slid(self, kernel: int, stride: int, padding: int) -> _Stack:
        # What did not fit stays unfit, whatever padding follows.
        self.height = sides(self.height, kernel, stride, padding) if self.features else 0
        self.width = sides(self.width, kernel, stride, padding) if self.features else 0
        return self


def _c3f2(stack: _Stack, actions: int) -> Parts | None:
    """PEDRA's C3F2 (Anwar and Raychowdhury 2020), with a baseline head on the features of its trunk."""
    stack.conv("policy.conv1", 96, kernel=7, stride=4).pool(3, 2)
    stack.conv("policy.conv2", 64, kernel=5).pool(2, 2)
    stack.conv("policy.conv3", 64, kernel=3, padding=1)
    features = stack.features
    if not features:
        return None
    policy = (
        Dense("policy.fc1", features, 1024),
        Relu(),
        Dense("policy.fc2", 1024, actions, NEARLY_UNIFORM),
    )
    value = (Dense("value.fc1", features, 1024), Relu(), Dense("value.fc2", 1024, 1, LINEAR))
    return (*stack.layers, Flatten()), policy, value


def _small(stack: _Stack, actions: int) -> Parts | None:
    """A quick one for small pictures: that of Mnih et al. 2015, padded to lose little at the edges."""
    stack.conv("policy.conv1", 32, kernel=8, stride=4, padding=2)
    stack.conv("policy.conv2", 64, kernel=4, stride=2, padding=1)
    stack.conv("policy.conv3", 64, kernel=3, padding=1)
    if not stack.features:
        return None
    trunk = (*stack.layers, Flatten(), Dense("policy.fc1", stack.features, 256), Relu())
    policy = (Dense("policy.fc2", 256, actions, NEARLY_UNIFORM),)
    return trunk, policy, (Dense("value.fc1", 256, 1, LINEAR),)


BUILDERS = {"c3f2": _c3f2, "small": _small}


def _initial(layers: tuple[Layer, ...], random: np.random.Generator) -> NDArray[np.float32]:
    """Weights ~ Normal(0, gain^2 / fan_in) (He et al. 2015) and no bias, flat float32.

    Drawn number by number, and not made orthogonal by a factorisation, whose bits depend on the machine.
    """
    parts: list[NDArray[np.float32]] = []
    for layer in layers:
        if isinstance(layer, Conv | Dense):
            (_, weight), (_, bias) = layer.shapes
            scale = np.float32(layer.gain / layer.fan_in**0.5)
            parts.append(scale * random.standard_normal(prod(weight), np.float32))
            parts.append(np.zeros(bias, np.float32))
    return np.concatenate(parts)
