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
    assert patience.bear(LOSS) == 6.0
    clock.now += 5.0
    assert patience.bear(LOSS) == 1.0
    clock.now += 1.0
    with pytest.raises(LinkLost) as caught:
        patience.bear(LOSS)
    assert caught.value is LOSS


def test_it_is_lost_by_losses_in_a_row(clock):
    patience = Patience(10.0)
    for _ in range(MOST_LOSSES):
        assert patience.bear(LOSS) == 10.0
    with pytest.raises(LinkLost):
        patience.bear(LOSS)


def test_it_is_renewed_by_whatever_is_done(clock):
    patience = Patience(10.0)
    for _ in range(MOST_LOSSES + 1):
        clock.now += 9.0
        assert patience.bear(LOSS) == 1.0
        patience.renew()


def test_a_time_without_questions_is_no_silence_but_losses_count_on(clock):
    patience = Patience(10.0)
    for _ in range(MOST_LOSSES):
        clock.now += 9.0
        patience.count_from_now()
        assert patience.bear(LOSS) == 10.0
    with pytest.raises(LinkLost):
        patience.bear(LOSS)
