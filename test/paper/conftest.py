"""Algorithm 1 with exact gradients in its plainest form, on ``core`` alone."""

import pytest

from dcpg_ros.core.mixing import mix


def algorithm_1(mdps, rows, theta, learner):
    """Yields [theta_1^k, ..., theta_N^k] for k = 0, 1, 2, ..., without end; all start from ``theta``."""
    thetas, k = [theta] * len(mdps), 0
    while True:
        yield thetas
        increments = [learner.step(own, mdp, k).increment for own, mdp in zip(thetas, mdps, strict=True)]
        heard = dict(enumerate(thetas))
        thetas = [mix(row, heard) + increment for row, increment in zip(rows, increments, strict=True)]
        k += 1


@pytest.fixture(name="algorithm_1")
def _algorithm_1():
    return algorithm_1
