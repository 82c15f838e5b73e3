"""The policy alone, for whoever acts by it: pictures in, probabilities out."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dcpg_ros.learning.architecture import Architecture
from dcpg_ros.learning.devices import device_of
from dcpg_ros.learning.network import run, size_of, split, standardised


class NeuralPolicy:
    """pi_theta(a|s) = softmax over a of the network's logits; learns nothing."""

    def __init__(self, architecture: Architecture, device: str = "cpu") -> None:
        self.architecture = architecture
        self.device = device_of(device)
        self._layers = architecture.trunk + architecture.policy
        self.load(np.zeros(size_of(architecture.policy_shapes), np.float32))

    def load(self, theta: NDArray[np.float32]) -> None:
        """Takes a copy of theta, by which it acts from now on."""
        flat = torch.from_numpy(np.array(theta, np.float32)).to(self.device)
        self._tensors: dict[str, Tensor] = split(flat, self.architecture.policy_shapes)

    @torch.inference_mode()
    def probabilities(self, observations: NDArray[np.uint8]) -> NDArray[np.float32]:
        """pi_theta(a|s) of pictures (B, H, W, C) uint8, (B, A)."""
        pictures = torch.from_numpy(np.require(observations, np.uint8, ["C", "W"])).to(self.device)
        logits = run(self._layers, self._tensors, standardised(pictures))
        result: NDArray[np.float32] = torch.softmax(logits, dim=1).cpu().numpy()
        return result
