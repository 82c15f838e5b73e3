import threading
from collections import Counter

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from dcpg_ros.agent.mailbox import Mailbox, no_waiting
from dcpg_ros.agent.snapshot import Snapshot
from dcpg_ros.core.errors import ExchangeError


def said(agent, round, incarnation="first", theta=0.0):
    return Snapshot(agent, incarnation, round, np.array([theta]))


@pytest.mark.parametrize(
    ("round", "taken"), [(3, False), (4, False), (5, True), (6, True), (7, False), (10**9, False)]
)
def test_round_waited_for_and_the_next_are_taken(round, taken):
    mailbox = Mailbox(["bob"], round=5)
    assert mailbox.put(said("bob", round)) is taken
    assert mailbox.received == taken
    assert sum(mailbox.dropped.values()) == (not taken)


def test_what_is_dropped_is_counted_by_reason():
    mailbox = Mailbox(["bob", "cyd"], round=5)
    mailbox.put(said("eve", 5))
    mailbox.put(said("ada", 5))
    for round in (0, 3, 4):
        mailbox.put(said("bob", round))
    mailbox.put(said("cyd", 7))
    mailbox.put(said("bob", 5))
    mailbox.put(said("bob", 5))
    mailbox.drop("damaged")
    mailbox.drop("damaged")
    expected = {
        "not a neighbour": 2,
        "round passed": 3,
        "round too far ahead": 1,
        "said twice": 1,
        "damaged": 2,
    }
    assert mailbox.dropped == expected
    assert mailbox.received == 1


def test_later_incarnation_replaces_the_earlier_one_of_its_round():
    mailbox = Mailbox(["bob"], round=5)
    mailbox.put(said("bob", 5, "first", 1.0))
    mailbox.put(said("bob", 6, "first", 2.0))
    assert mailbox.put(said("bob", 5, "second", 3.0))
    assert mailbox.wait_for() == {"bob": np.array([3.0])}
    assert mailbox.wait_for() == {"bob": np.array([2.0])}  # what it said of another round stands


def test_first_word_of_an_incarnation_counts():
    mailbox = Mailbox(["bob"])
    mailbox.put(said("bob", 0, theta=1.0))
    assert not mailbox.put(said("bob", 0, theta=2.0))
    assert mailbox.wait_for() == {"bob": np.array([1.0])}


def test_round_is_complete_when_all_neighbours_have_spoken_and_the_next_follows_it():
    mailbox = Mailbox(["bob", "cyd"], round=5)
    mailbox.put(said("bob", 5))
    mailbox.put(said("cyd", 6))  # a round ahead
    assert (mailbox.complete(), mailbox.missing()) == (False, ["cyd"])
    mailbox.put(said("cyd", 5))
    assert (mailbox.complete(), mailbox.missing()) == (True, [])
    mailbox.wait_for()
    assert (mailbox.round, mailbox.missing()) == (6, ["bob"])


def test_agent_without_neighbours_never_waits():
    mailbox = Mailbox([], round=2)
    assert mailbox.wait_for() == {}
    assert mailbox.round == 3


@pytest.mark.parametrize("timeout_s", [2.5, 0.0, None])
def test_silent_neighbours_are_named(timeout_s):
    mailbox = Mailbox(["bob", "cyd", "dan"], round=5)
    mailbox.put(said("cyd", 5))
    with pytest.raises(ExchangeError, match=r"round 5 from bob, dan\b") as caught:
        mailbox.wait_for(timeout_s)
    assert "cyd" not in str(caught.value)
    if timeout_s is not None:
        assert f"{timeout_s:g} s" in str(caught.value)


def test_wait_that_failed_can_be_repeated_when_the_neighbours_have_spoken():
    mailbox = Mailbox(["bob", "cyd"], round=5)
    mailbox.put(said("cyd", 5, theta=1.0))
    with pytest.raises(ExchangeError):
        mailbox.wait_for(1.0)
    mailbox.put(said("bob", 5, theta=2.0))
    assert mailbox.wait_for(1.0) == {"bob": np.array([2.0]), "cyd": np.array([1.0])}


def test_waiter_is_given_the_condition_and_the_timeout():
    asked = []

    def wait(condition, timeout_s):
        asked.append((condition(), timeout_s))
        mailbox.put(said("bob", 0, theta=4.0))
        return condition()

    mailbox = Mailbox(["bob"], wait=wait)
    assert mailbox.wait_for(7.0) == {"bob": np.array([4.0])}
    assert asked == [(False, 7.0)]


def test_no_waiting_is_to_look_once():
    looks = []
    assert no_waiting(lambda: looks.append(1) or True, 100.0) is True
    assert no_waiting(lambda: looks.append(1) or False, None) is False
    assert len(looks) == 2


def test_callback_and_worker_may_be_two_threads():
    rounds, bell = 300, threading.Condition()

    def wait(condition, timeout_s):
        with bell:
            return bell.wait_for(condition, timeout_s)

    mailbox = Mailbox(["bob", "cyd"], wait=wait)

    def speak(name):
        for round in range(rounds):
            with bell:  # never more than a round ahead, as the protocol has it
                bell.wait_for(lambda due=round: mailbox.round >= due - 1)
            mailbox.put(said(name, round, theta=round))
            with bell:
                bell.notify_all()

    speakers = [threading.Thread(target=speak, args=[name]) for name in ("bob", "cyd")]
    for speaker in speakers:
        speaker.start()
    for round in range(rounds):
        assert mailbox.wait_for(60) == {"bob": np.array([float(round)]), "cyd": np.array([float(round)])}
        with bell:
            bell.notify_all()
    for speaker in speakers:
        speaker.join()
    assert mailbox.received == 2 * rounds
    assert not mailbox.dropped


class MailboxMachine(RuleBasedStateMachine):
    """A mailbox beside the plainest thing that could be right: a dictionary of all that counts."""

    def __init__(self):
        super().__init__()
        self.mailbox = Mailbox(["bob", "cyd"], round=2)
        self.round, self.words, self.puts, self.drops = 2, {}, 0, Counter()

    @rule(
        agent=st.sampled_from(["bob", "cyd", "eve"]),
        ahead=st.integers(-2, 3),
        incarnation=st.sampled_from(["first", "second"]),
        theta=st.integers(0, 1000),
    )
    def put(self, agent, ahead, incarnation, theta):
        round = self.round + ahead
        key = agent, round
        known = self.words.get(key)
        taken = self.mailbox.put(said(agent, round, incarnation, theta))
        assert taken == (agent != "eve" and ahead in (0, 1) and (known is None or known[0] != incarnation))
        self.puts += 1
        if taken:
            self.words[key] = incarnation, theta

    @rule(reason=st.sampled_from(["damaged", "not a neighbour"]))
    def drop(self, reason):
        self.mailbox.drop(reason)
        self.puts += 1

    def heard(self):
        return {
            name: self.words[name, self.round][1]
            for name in ("bob", "cyd")
            if (name, self.round) in self.words
        }

    @precondition(lambda self: len(self.heard()) == 2)
    @rule()
    def wait(self):
        assert {name: theta[0] for name, theta in self.mailbox.wait_for(1.0).items()} == self.heard()
        self.round += 1

    @precondition(lambda self: len(self.heard()) < 2)
    @rule()
    def wait_in_vain(self):
        with pytest.raises(ExchangeError):
            self.mailbox.wait_for(1.0)

    @invariant()
    def nothing_is_lost_or_invented(self):
        assert self.mailbox.round == self.round
        assert self.mailbox.complete() == (len(self.heard()) == 2)
        assert self.mailbox.missing() == [name for name in ("bob", "cyd") if name not in self.heard()]
        assert self.mailbox.received + sum(self.mailbox.dropped.values()) == self.puts


TestMailboxMachine = MailboxMachine.TestCase
TestMailboxMachine.settings = settings(max_examples=40, stateful_step_count=30)
