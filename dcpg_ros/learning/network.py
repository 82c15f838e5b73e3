"""The torch module that an architecture describes; all its parameters lie in two flat vectors."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from dcpg_ros.learning.architecture import SMALLEST_DEVIATION, Architecture
from dcpg_ros.learning.layers import Conv, Dense, Layer, MaxPool, Relu, Shapes


class Network(nn.Module):
    """Trunk, policy head and value head.

    theta, what is exchanged, is one parameter, and the value head, what stays local, is another: the layers
    see views of them, and autograd gives the gradient in the same flat order.
    """

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.architecture = architecture
        self.theta = nn.Parameter(torch.zeros(size_of(architecture.policy_shapes)))
        self.value = nn.Parameter(torch.zeros(size_of(architecture.value_shapes)))

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Logits (B, A) and values (B,) of pictures (B, H, W, C), uint8."""
        mine = split(self.theta, self.architecture.policy_shapes)
        local = split(self.value, self.architecture.value_shapes)
        features = run(self.architecture.trunk, mine, standardised(pictures))
        logits = run(self.architecture.policy, mine, features)
        return logits, run(self.architecture.value, local, features).squeeze(1)


def standardised(pictures: Tensor) -> Tensor:
    """(x - mean) / max(standard deviation, one grey level), each picture by itself; also if x is in [0, 1].

    Args:
        pictures: (B, H, W, C) uint8.

    Returns:
        (B, C, H, W) float32, in the memory order of the pictures, which is the fast one for convolutions.
    """
    flat = pictures.flatten(1).to(torch.float32)
    flat -= flat.mean(dim=1, keepdim=True)
    # In place and by the norm: a twelfth of the time that torch.std takes.
    deviation = torch.linalg.vector_norm(flat, dim=1, keepdim=True) / flat.shape[1] ** 0.5
    flat /= deviation.clamp(min=SMALLEST_DEVIATION)
    return flat.view(pictures.shape).permute(0, 3, 1, 2)


def run(layers: tuple[Layer, ...], tensors: Mapping[str, Tensor], x: Tensor) -> Tensor:
    """What the layers make of x, with these parameters."""
    for layer in layers:
        if isinstance(layer, Conv):
            weight, bias = tensors[f"{layer.name}.weight"], tensors[f"{layer.name}.bias"]
            x = functional.conv2d(x, weight, bias, layer.stride, layer.padding)
        elif isinstance(layer, Dense):
            x = functional.linear(x, tensors[f"{layer.name}.weight"], tensors[f"{layer.name}.bias"])
        elif isinstance(layer, MaxPool):
            x = functional.max_pool2d(x, layer.kernel, layer.stride)
        else:
            x = functional.relu(x) if isinstance(layer, Relu) else x.flatten(1)
    return x


def split(flat: Tensor, shapes: Shapes) -> dict[str, Tensor]:
    """The named tensors of a flat vector; convolutions in the memory order of the pictures."""
    parts = torch.split(flat, [prod(shape) for _, shape in shapes])
    return {name: _laid_out(part.view(shape)) for (name, shape), part in zip(shapes, parts, strict=True)}


def _laid_out(tensor: Tensor) -> Tensor:
    return tensor.contiguous(memory_format=torch.channels_last) if tensor.dim() == 4 else tensor


def size_of(shapes: Shapes) -> int:
    """How many numbers there are in tensors of these shapes."""
    return sum(prod(shape) for _, shape in shapes)


def write(parameter: Tensor, flat: NDArray[np.float32]) -> None:
    """Puts a flat vector into a parameter, wherever that lies."""
    with torch.no_grad():
        parameter.copy_(torch.from_numpy(np.array(flat, np.float32)))


def read(parameter: Tensor) -> NDArray[np.float32]:
    """A copy of a parameter, flat."""
    values: NDArray[np.float32] = parameter.detach().cpu().numpy().copy()
    return values
