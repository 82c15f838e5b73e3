"""Where torch computes."""

from __future__ import annotations

import torch

from dcpg_ros.core.errors import InputError


def device_of(name: str) -> torch.device:
    """The device of this name.

    Raises:
        InputError: if it is not there.
    """
    if name == "cuda" and not torch.cuda.is_available():
        raise InputError("learner", "device", "cuda, which torch does not find here", "cpu")
    return torch.device(name)
