"""Decentralised multi-task policy gradients (DCPG) on ROS 2: N agents, N worlds, one policy.

Zeng, Anwar, Doan, Raychowdhury, Romberg: *A Decentralized Policy Gradient Approach to Multi-Task
Reinforcement Learning*, UAI 2021 ("the paper" throughout this package).
"""

import os

__version__ = "0.1.0"

# Many agents share few cores: idle BLAS threads of one agent would steal the time of another
# (measured: 4 ms a forward pass with one thread, 18-32 ms with the defaults). Set before numpy loads.
for _library in ("OPENBLAS", "OMP", "MKL", "NUMBA"):
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")
