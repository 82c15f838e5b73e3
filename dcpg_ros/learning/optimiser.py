"""torch's optimisers, and what they remember from one round to the next as named arrays."""

from __future__ import annotations

import torch
from torch import nn

from dcpg_ros.core.errors import CheckpointError
from dcpg_ros.core.experience import Memory
from dcpg_ros.learning.network import read

PREFIX = "optimiser"


def optimiser_of(name: str, module: nn.Module) -> torch.optim.Optimizer:
    """Adam (Kingma and Ba 2015), or plain descent, whose increment is alpha^k g_i^k of (9)."""
    if name == "sgd":
        return torch.optim.SGD(module.parameters())
    return torch.optim.Adam(module.parameters(), fused=True)


def remember(optimiser: torch.optim.Optimizer, module: nn.Module) -> Memory:
    """Copies of the moments and the step count of each parameter; none before the first step."""
    return {
        f"{PREFIX}.{name}.{moment}": read(values)
        for name, parameter in module.named_parameters()
        for moment, values in optimiser.state.get(parameter, {}).items()
        if isinstance(values, torch.Tensor)
    }


def recall(optimiser: torch.optim.Optimizer, module: nn.Module, memory: Memory) -> None:
    """Gives the optimiser exactly the moments of ``memory``, whatever it had.

    Raises:
        CheckpointError: if one of them does not belong to this module.
    """
    optimiser.state.clear()
    parameters = dict(module.named_parameters())
    for name, values in memory.items():
        if not name.startswith(f"{PREFIX}."):
            continue
        _, part, moment = name.split(".")
        if part not in parameters or values.size not in (1, parameters[part].numel()):
            raise CheckpointError(f"a learner's memory of other parameters: {name}, {values.size} numbers")
        like = parameters[part]
        shape = () if moment == "step" else like.shape
        optimiser.state[like][moment] = torch.from_numpy(values.copy()).reshape(shape).to(like.device)
