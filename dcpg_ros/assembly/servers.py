"""How the processes of a drone run are started: by ``dcpg run``, by a launch file, by an experiment."""

from __future__ import annotations

import sys

# The processes share the cores: more threads each would only get in each other's way.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
# The parameters of a network are megabytes: they go by TCP and shared memory, for UDP would lose them.
LARGE_MESSAGES = {"FASTDDS_BUILTIN_TRANSPORTS": "LARGE_DATA"}


def server_command(scenario: str, agent: str, port: int) -> list[str]:
    """The server of an agent's world, with the drones that the scenario file asks for."""
    arguments = ["simulator", "--scenario", scenario, "--agent", agent, "--port", str(port)]
    return [sys.executable, "-m", "dcpg_ros.cli.main", *arguments]
