import threading

import numpy as np
import pytest

from dcpg_ros.agent.checkpoint import CheckpointStore
from dcpg_ros.agent.mailbox import Mailbox
from dcpg_ros.agent.rounds import Identity, RoundEngine
from dcpg_ros.agent.schema import Schema
from dcpg_ros.agent.snapshot import Snapshot
from dcpg_ros.agent.state import AgentState
from dcpg_ros.agent.transport import InProcessTransport
from dcpg_ros.assembly.parts import engine_of, identity_of, initial_state, mailbox_of
from dcpg_ros.assembly.simulation import build_engines, simulate
from dcpg_ros.core.errors import CheckpointError, ExchangeError, LearningError
from dcpg_ros.core.learner import Learning


class Diary:
    """An environment, a learner and a transport that write down what they are asked, in one order."""

    messages = 0
    bytes = 0

    def __init__(self):
        self.entries, self.said = [], []

    def sample(self, theta, round):
        self.entries.append(("sample", round, theta.copy()))
        return f"batch {round}"

    def step(self, theta, batch, round):
        self.entries.append(("learn", round, batch))
        return Learning(np.array([3.0, 4.0]) * (round + 1), mean_return=0.5 + round, environment_steps=11)

    def publish(self, snapshot):
        self.entries.append(("publish", snapshot.round, snapshot.theta.copy()))
        self.said.append(snapshot)
        self.messages += 2
        self.bytes += 2 * snapshot.theta.nbytes

    def close(self, timeout_s):
        self.entries.append(("close", timeout_s, None))


def engine_with(diary, state, neighbours=(), weights=None):
    identity = Identity(
        index=1,
        name="me",
        incarnation="first",
        weights=weights or {1: 1.0},
        neighbours={name: 2 * number for number, name in enumerate(neighbours)},
        weights_shown="me=1.0",
    )
    mailbox = Mailbox(neighbours, state.round)
    return RoundEngine(identity, state, diary, diary, diary, mailbox, timeout_s=5.0)


def said_by(name, round, theta):
    return Snapshot(name, "first", round, np.asarray(theta, float))


def test_theta_flies_before_anything_is_sampled():
    diary = Diary()
    engine = engine_with(diary, AgentState(np.zeros(2), round=4))
    engine.step()
    engine.step()
    assert [entry[:2] for entry in diary.entries] == [
        *(("publish", 4), ("sample", 4), ("learn", 4)),
        *(("publish", 5), ("sample", 5), ("learn", 5)),
    ]
    assert diary.entries[2][2] == "batch 4"
    for publish, sample in (diary.entries[0:2], diary.entries[3:5]):
        np.testing.assert_array_equal(
            publish[2], sample[2]
        )  # the gradient is taken at the theta that is sent


def test_round_is_equation_9():
    diary = Diary()
    state = AgentState(np.array([1.0, 2.0]), round=0)
    engine = engine_with(diary, state, ("left", "right"), {0: 0.25, 1: 0.5, 2: 0.25})
    for name, theta in (("left", [8.0, 0.0]), ("right", [0.0, -4.0])):
        engine.mailbox.put(said_by(name, 0, theta))
    before = state.theta
    engine.step()
    np.testing.assert_array_equal(state.theta, [0.5 + 2.0 + 3.0, 1.0 - 1.0 + 4.0])
    assert state.previous is before
    np.testing.assert_array_equal(before, [1.0, 2.0])  # whoever was sent it still has it as it was
    assert (state.round, state.mean_return, state.increment_norm, state.environment_steps) == (
        1,
        0.5,
        5.0,
        11,
    )
    assert (state.messages, state.bytes) == (2, 2 * 2 * 8)
    assert {name: list(theta) for name, theta in engine.heard.items()} == {"left": [8, 0], "right": [0, -4]}
    assert state.wall_s == engine.round_s > 0


def test_account_is_carried_on_from_the_state_that_is_given():
    state = AgentState(
        np.zeros(2), round=9, environment_steps=100, messages=30, bytes=1000, wall_s=50.0, mean_return=-1.0
    )
    engine = engine_with(Diary(), state)
    engine.step()
    assert (state.round, state.environment_steps, state.messages, state.bytes) == (10, 111, 32, 1032)
    assert state.wall_s == 50.0 + engine.round_s


def test_silent_neighbour_ends_the_round_and_changes_nothing():
    state = AgentState(np.array([1.0, 2.0]), round=3)
    engine = engine_with(Diary(), state, ("left", "right"), {0: 0.25, 1: 0.5, 2: 0.25})
    engine.mailbox.put(said_by("left", 3, [0.0, 0.0]))
    with pytest.raises(ExchangeError, match="round 3 from right within 5 s"):
        engine.step()
    assert (state.round, state.previous, state.environment_steps) == (3, None, 0)
    np.testing.assert_array_equal(state.theta, [1.0, 2.0])


def test_engine_knows_which_half_of_a_round_it_is_in():
    engine = engine_with(Diary(), AgentState(np.zeros(2)))
    assert not engine.has_spoken
    engine.speak_and_learn()
    assert engine.has_spoken
    engine.listen_and_mix()
    assert not engine.has_spoken


class Growing(Diary):
    """A learner whose increment depends on all the rounds it has learnt from, and an environment likewise."""

    def __init__(self, count=0.0, fail_at=None):
        super().__init__()
        self.count, self.fail_at = count, fail_at

    def sample(self, theta, round):
        self.count += 1 / 3
        if round == self.fail_at:
            raise ExchangeError("the world is gone")
        return super().sample(theta, round)

    def step(self, theta, batch, round):
        self.count *= 1.1
        return super().step(theta, batch, round)._replace(increment=np.array([self.count, -self.count]))

    def memory(self):
        return {"count": np.array(self.count)}

    def restore(self, memory):
        self.count = float(memory["count"])


def neighboured(diary, state):
    return engine_with(diary, state, ("left",), {0: 0.25, 1: 0.75})


def told(engine, rounds):
    """Rounds with what the neighbour says."""
    for _ in range(rounds):
        engine.mailbox.put(said_by("left", engine.state.round, [engine.state.round, 1.0]))
        engine.step()
    return engine.state


def saved_and_loaded(engine, folder):
    store = CheckpointStore(folder, Schema((("policy.theta", (2,)),), "float64"))
    store.save(engine.checkpoint())
    return store.load(engine.state.round)


def test_agent_that_remembers_goes_on_from_a_checkpoint_as_if_it_had_never_stopped(tmp_path):
    whole = told(neighboured(Growing(), AgentState(np.zeros(2))), 6)
    engine = neighboured(Growing(), AgentState(np.zeros(2)))
    told(engine, 2)
    resumed = neighboured(Growing(), saved_and_loaded(engine, tmp_path))
    assert resumed.state.memory == {}  # it lies with those that remember
    resumed.rejoin()
    assert told(resumed, 4).theta.tobytes() == whole.theta.tobytes()


def test_round_that_is_half_done_is_finished_after_a_checkpoint(tmp_path):
    whole = told(neighboured(Growing(), AgentState(np.zeros(2))), 4)
    engine = neighboured(Growing(), AgentState(np.zeros(2)))
    told(engine, 2)
    with pytest.raises(ExchangeError):
        engine.step()  # nobody has said anything
    assert engine.has_spoken
    diary = Growing()
    resumed = neighboured(diary, saved_and_loaded(engine, tmp_path))
    resumed.rejoin()
    assert [entry[:2] for entry in diary.entries] == [("publish", 1), ("publish", 2)]
    assert told(resumed, 2).theta.tobytes() == whole.theta.tobytes()
    assert [entry[:2] for entry in diary.entries[2:]] == [("publish", 3), ("sample", 3), ("learn", 3)]
    assert resumed.state.environment_steps == whole.environment_steps
    assert resumed.state.mean_return == whole.mean_return


def test_round_that_broke_off_in_its_first_half_is_kept_as_it_began(tmp_path):
    whole = told(neighboured(Growing(), AgentState(np.zeros(2))), 4)
    engine = neighboured(Growing(fail_at=2), AgentState(np.zeros(2)))
    told(engine, 2)
    with pytest.raises(ExchangeError):
        engine.step()
    resumed = neighboured(Growing(), saved_and_loaded(engine, tmp_path))
    resumed.rejoin()
    assert not resumed.has_spoken
    assert told(resumed, 2).theta.tobytes() == whole.theta.tobytes()


def test_whoever_remembers_nothing_is_kept_as_it_is():
    class Failing(Diary):
        def sample(self, theta, round):
            raise ExchangeError("the world is gone")

    engine = engine_with(Failing(), AgentState(np.zeros(2), round=3))
    with pytest.raises(ExchangeError):
        engine.step()
    assert engine.checkpoint() == engine.state


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_increment_that_is_not_finite_never_enters_theta(wrong, dtype):
    class Diverging(Diary):
        def step(self, theta, batch, round):
            return Learning(np.array([1.0, wrong], dtype), 0.0, 1)

    state = AgentState(np.array([1.0, 2.0], dtype), round=3)
    engine = engine_with(Diverging(), state)
    with pytest.raises(LearningError, match=r"^me: the increment of round 3: found .* not finite"):
        engine.step()
    np.testing.assert_array_equal(state.theta, [1.0, 2.0])
    assert (state.round, engine.has_spoken) == (3, False)


@pytest.mark.parametrize("shape", [(1,), (3,), (2, 1)])
def test_checkpoint_with_an_increment_of_another_shape_is_refused(shape):
    memory = {
        "learner/count": np.array(1.0), "environment/count": np.array(1.0),
        "learning/increment": np.zeros(shape), "learning/mean_return": np.array(0.0),
        "learning/environment_steps": np.array(0),
    }  # fmt: skip
    with pytest.raises(CheckpointError, match=r"^me, checkpoint of round 3: .* theta cannot take"):
        engine_with(Growing(), AgentState(np.zeros(2), round=3, memory=memory))


def test_checkpoint_without_the_memory_that_is_needed_is_refused():
    with pytest.raises(CheckpointError, match="does not fit the learner"):
        engine_with(Growing(), AgentState(np.zeros(2), round=3))


def test_networks_keep_their_float32():
    class Single(Diary):
        def step(self, theta, batch, round):
            return Learning(np.full(2, 0.1, np.float32), 0.0, 1)

    engine = engine_with(Single(), AgentState(np.ones(2, np.float32)), ("left",), {0: 0.3, 1: 0.7})
    engine.mailbox.put(Snapshot("left", "first", 0, np.array([2.0, 0.0], np.float32)))
    engine.step()
    assert engine.state.theta.dtype == np.float32
    np.testing.assert_allclose(engine.state.theta, [1.4, 0.8], rtol=1e-6)


def test_snapshot_tells_of_the_step_that_made_its_theta():
    diary = Diary()
    engine = engine_with(diary, AgentState(np.zeros(2)))
    engine.step()
    engine.speak_and_learn()
    snapshot = diary.said[1]
    assert (snapshot.agent, snapshot.incarnation, snapshot.round) == ("me", "first", 1)
    assert (snapshot.mean_return, snapshot.increment_norm, snapshot.weights) == (0.5, 5.0, "me=1.0")
    assert 0 < diary.said[0].stamp_ns <= snapshot.stamp_ns


def test_rejoining_agent_says_its_theta_before_last_again():
    diary = Diary()
    engine = engine_with(diary, AgentState(np.array([1.0, 2.0]), round=7, previous=np.array([5.0, 6.0])))
    engine.rejoin()
    engine.speak_and_learn()
    assert [entry[:2] for entry in diary.entries[:2]] == [("publish", 6), ("publish", 7)]
    np.testing.assert_array_equal(diary.said[0].theta, [5.0, 6.0])
    np.testing.assert_array_equal(diary.said[1].theta, [1.0, 2.0])
    assert engine.state.messages == 4  # it is sent, so it is counted


def test_agent_that_begins_has_nothing_to_say_again():
    diary = Diary()
    engine_with(diary, AgentState(np.zeros(2))).rejoin()
    assert diary.entries == []


def test_leaving_agent_says_its_last_theta_and_stays_until_all_have_said_theirs():
    diary = Diary()
    engine = engine_with(diary, AgentState(np.array([1.0, 2.0]), round=7), ("left", "right"))
    engine.mailbox.put(said_by("left", 7, [0.0, 0.0]))
    with pytest.raises(ExchangeError, match="round 7 from right within 5 s"):
        engine.leave(0.5)
    assert ("close", 0.5, None) not in diary.entries
    engine.mailbox.put(said_by("right", 7, [3.0, 0.0]))
    engine.leave(0.5)
    assert [entry[:2] for entry in diary.entries] == [("publish", 7), ("publish", 7), ("close", 0.5)]
    np.testing.assert_array_equal(engine.heard["right"], [3.0, 0.0])
    np.testing.assert_array_equal(engine.state.theta, [1.0, 2.0])
    assert engine.state.round == 7


def test_agent_a_round_ahead_and_one_behind_find_each_other_again(make_scenario):
    scenario = make_scenario(2, rounds=8)
    whole = simulate(scenario)
    engines = build_engines(scenario, [initial_state(scenario), initial_state(scenario)])
    ahead, behind = engines
    ahead.speak_and_learn()
    behind.speak_and_learn()
    ahead.listen_and_mix()  # now one of them stops, and the other has not listened yet
    fresh = build_engines(scenario, [ahead.state, behind.state])
    for engine in fresh:
        engine.rejoin()
    ahead, behind = fresh
    behind.step()
    while behind.state.round < 8:
        ahead.speak_and_learn()
        behind.speak_and_learn()
        ahead.listen_and_mix()
        behind.listen_and_mix()
    for engine, state in zip(fresh, whole, strict=True):
        assert engine.state.theta.tobytes() == state.theta.tobytes()


@pytest.mark.parametrize("topology", ["ring", "star", "isolated"])
@pytest.mark.parametrize("gradient", ["exact", "monte_carlo"])
def test_agents_of_which_each_goes_at_its_own_pace_get_the_same_bits(make_scenario, topology, gradient):
    """One thread per agent, a bell rung at every publication, and no order but the one ``step`` keeps."""
    scenario = make_scenario(5, rounds=25, graph__topology=topology, learner__gradient=gradient)
    bell = threading.Condition()

    class Ringing(InProcessTransport):
        def publish(self, snapshot):
            super().publish(snapshot)
            with bell:
                bell.notify_all()

    def wait(condition, timeout_s):
        with bell:
            return bell.wait_for(condition, timeout_s)

    states = [initial_state(scenario) for _ in scenario.agents]
    mailboxes = [mailbox_of(scenario, index, state, wait) for index, state in enumerate(states)]
    engines = []
    for index, other in enumerate(build_engines(scenario, states)):
        transport = Ringing([mailboxes[j] for j in scenario.graph.neighbours(index)])
        engines.append(
            engine_of(
                *(scenario, index, states[index], transport, mailboxes[index], other.environment),
                identity_of(scenario, index),
            )
        )

    def live(engine):
        for _ in range(scenario.rounds):
            engine.step()
        engine.leave(60)

    threads = [threading.Thread(target=live, args=[engine]) for engine in engines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    whole = simulate(scenario)
    for state, expected, engine in zip(states, whole, engines, strict=True):
        assert state.round == 25
        assert state.theta.tobytes() == expected.theta.tobytes()
        assert not engine.mailbox.dropped
        heard = {name: theta.tobytes() for name, theta in engine.heard.items()}
        assert heard == {name: whole[j].theta.tobytes() for name, j in engine.identity.neighbours.items()}
