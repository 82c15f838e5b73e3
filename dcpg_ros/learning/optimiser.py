"""torch's optimisers, and what they remember from one round to the next as named arrays."""

from __future__ import annotations

import torch
from torch import nn

from dcpg_ros.core.errors import CheckpointError
from dcpg_ros.core.experience import Memory
from dcpg_ros.learning.network import read

PREFIX = "optimiser."
MOMENTS: dict[type[torch.optim.Optimizer], tuple[str, ...]] = {
    torch.optim.Adam: ("step", "exp_avg", "exp_avg_sq"),  # of each parameter, from the first step on
    torch.optim.SGD: (),
}


def optimiser_of(name: str, module: nn.Module) -> torch.optim.Optimizer:
    """Adam (Kingma and Ba 2015), or plain descent, whose increment is alpha^k g_i^k of (9)."""
    if name == "sgd":
        return torch.optim.SGD(module.parameters())
    return torch.optim.Adam(module.parameters(), fused=True)


def remember(optimiser: torch.optim.Optimizer, module: nn.Module) -> Memory:
    """Copies of the moments of each parameter, flat; none before the first step."""
    return {
        f"{PREFIX}{name}.{moment}": read(optimiser.state[parameter][moment]).reshape(-1)
        for name, parameter in module.named_parameters()
        if parameter in optimiser.state
        for moment in MOMENTS[type(optimiser)]
    }


def recall(optimiser: torch.optim.Optimizer, module: nn.Module, memory: Memory) -> None:
    """Gives the optimiser exactly the moments in ``memory``, whatever it had.

    Raises:
        CheckpointError: if they are not those of such an optimiser of this module.
    """
    found = {name: values.size for name, values in memory.items() if name.startswith(PREFIX)}
    expected = {
        f"{PREFIX}{name}.{moment}": 1 if moment == "step" else parameter.numel()
        for name, parameter in module.named_parameters()
        for moment in MOMENTS[type(optimiser)]
    }
    if found and found != expected:
        raise CheckpointError(f"a learner's memory of moments {found}, where {expected} are needed")
    optimiser.state.clear()
    for name, parameter in module.named_parameters() if found else ():
        for moment in MOMENTS[type(optimiser)]:
            values = torch.from_numpy(memory[f"{PREFIX}{name}.{moment}"].copy())
            shape = () if moment == "step" else parameter.shape
            optimiser.state[parameter][moment] = values.reshape(shape).to(parameter.device)
