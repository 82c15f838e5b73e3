import signal

import pytest

from dcpg_ros.cli.begin import StopRequest


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.usefixtures("dcpg")  # which puts the handlers back
def test_signal_asks_to_stop_and_does_no_more(number):
    signal.signal(number, signal.SIG_IGN)  # as a background job may inherit it
    stop = StopRequest()
    assert not stop()
    signal.raise_signal(number)
    assert stop()
    signal.raise_signal(number)
    assert stop.event.is_set()
