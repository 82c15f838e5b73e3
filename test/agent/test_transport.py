import numpy as np

from dcpg_ros.agent.mailbox import Mailbox
from dcpg_ros.agent.snapshot import Snapshot
from dcpg_ros.agent.transport import InProcessTransport


def test_snapshot_arrives_at_every_neighbour_and_is_counted():
    mailboxes = [Mailbox(["ada"]), Mailbox(["ada", "bob"])]
    transport = InProcessTransport(mailboxes)
    theta = np.arange(12.0)
    for round in (0, 1):
        transport.publish(Snapshot("ada", "first", round, theta))
    assert (transport.messages, transport.bytes) == (4, 4 * 12 * 8)
    assert [mailbox.received for mailbox in mailboxes] == [2, 2]
    assert mailboxes[0].wait_for()["ada"] is theta  # no copy is made
    transport.close(0.0)


def test_agent_without_neighbours_says_nothing():
    transport = InProcessTransport([])
    transport.publish(Snapshot("ada", "first", 0, np.zeros(3)))
    assert (transport.messages, transport.bytes) == (0, 0)
