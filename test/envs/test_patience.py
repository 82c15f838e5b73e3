"""When a server that fails again and again is given up."""

import pytest

from dcpg_ros.core.errors import LinkLost
from dcpg_ros.envs import patience as module
from dcpg_ros.envs.patience import MOST_LOSSES, Patience

LOSS = LinkLost("a server that answers a ping and nothing else")


@pytest.fixture
def clock(monkeypatch):
    """Seconds that the module believes in."""

    class Clock:
        now = 100.0

        def monotonic(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def test_it_is_with_all_of_a_silence_and_not_with_each_reconnection(clock):
    patience = Patience(10.0)
    clock.now += 4.0
    assert patience.left_s(LOSS) == 6.0
    clock.now += 5.0
    assert patience.left_s(LOSS) == 1.0
    clock.now += 1.0
    with pytest.raises(LinkLost) as caught:
        patience.left_s(LOSS)
    assert caught.value is LOSS


def test_it_is_lost_by_losses_in_a_row(clock):
    patience = Patience(10.0)
    for _ in range(MOST_LOSSES):
        assert patience.left_s(LOSS) == 10.0
    with pytest.raises(LinkLost):
        patience.left_s(LOSS)


def test_it_is_renewed_by_whatever_is_done(clock):
    patience = Patience(10.0)
    for _ in range(MOST_LOSSES + 1):
        clock.now += 9.0
        assert patience.left_s(LOSS) == 1.0
        patience.renew()


def test_a_rest_is_no_silence_but_losses_count_on(clock):
    patience = Patience(10.0)
    for _ in range(MOST_LOSSES):
        clock.now += 9.0
        patience.rest()
        assert patience.left_s(LOSS) == 10.0
    with pytest.raises(LinkLost):
        patience.left_s(LOSS)
