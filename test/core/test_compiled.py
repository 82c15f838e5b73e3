import sys
from collections.abc import Iterator

import numpy as np
import pytest

from dcpg_ros import core
from dcpg_ros.core.compiled import fastest
from dcpg_ros.core.monte_carlo import monte_carlo_gradient, score_ascent
from dcpg_ros.core.sampling import draw_episodes, sample_episodes
from dcpg_ros.core.seeding import Purpose, generator, seed_words

from .models import random_policy, ten_by_ten


@pytest.fixture
def without_numba(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As on a machine where numba is not installed."""
    monkeypatch.setitem(sys.modules, "numba", None)
    monkeypatch.delitem(sys.modules, "dcpg_ros.core.kernels", raising=False)
    monkeypatch.delattr(core, "kernels", raising=False)
    fastest.cache_clear()
    yield
    fastest.cache_clear()


def one_round() -> tuple[bytes, ...]:
    """The episodes and the gradient of a round, to the bit."""
    mdp, policy = ten_by_ten(terminal=True).mdp, random_policy(0, 100, 4)
    episodes = sample_episodes(mdp, policy, 100, 50, generator(0, Purpose.EPISODES))
    assert 0 < episodes.steps < 100 * 50
    mean_return, ascent = monte_carlo_gradient(episodes, policy, 0.95, 0.1)
    names = ("states", "actions", "rewards", "lengths")
    batch = (np.ascontiguousarray(getattr(episodes, name)).tobytes() for name in names)
    return (*batch, np.float64(mean_return).tobytes(), ascent.tobytes())


@pytest.mark.usefixtures("without_numba")
@pytest.mark.parametrize("twin", [draw_episodes, score_ascent, seed_words])
def test_without_numba_the_twin_does_the_work(twin):
    assert fastest(twin) is twin
    assert one_round() == one_round()


def test_with_numba_the_kernel_of_its_name_does():
    pytest.importorskip("numba")
    fastest.cache_clear()
    for twin in (draw_episodes, score_ascent, seed_words):
        assert fastest(twin) is getattr(core.kernels, twin.__name__)
        assert fastest(twin) is not twin


def test_numba_changes_nothing_but_speed(request):
    pytest.importorskip("numba")
    fastest.cache_clear()
    fast = one_round()
    request.getfixturevalue("without_numba")
    assert fastest(draw_episodes) is draw_episodes
    assert one_round() == fast
