from itertools import combinations

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal

from dcpg_ros.core.errors import CheckpointError, InputError
from dcpg_ros.core.experience import Experience, Segment
from dcpg_ros.core.schedules import Schedule
from dcpg_ros.core.seeding import Purpose, generator
from dcpg_ros.learning.advantages import generalised_advantages, normalised, returns_to_go
from dcpg_ros.learning.learners import learner_of
from dcpg_ros.learning.losses import (
    clipped_surrogate_loss,
    entropy_bonus,
    log_probabilities,
    policy_gradient_loss,
    value_loss,
)
from dcpg_ros.learning.network import Network, write
from dcpg_ros.learning.policy import NeuralPolicy

from .examples import SIDE, batch, segment, small, spec

ALGORITHMS = ("reinforce", "a2c", "ppo")
THETA = small().initial_theta(0)
THETA.flags.writeable = False
VALUE = small().initial_value(0, 0)


def learner(algorithm, *, seed=0, agent=1, **changes):
    return learner_of(spec(algorithm, **changes), small(), 0.9, seed, agent)


def credit_by_hand(algorithm, piece, values):
    """The advantages of a segment whose values (L + 1,) are known."""
    values = np.append(values[:-1], np.float32(0)) if piece.terminated else values
    if algorithm == "reinforce":
        return returns_to_go(piece.rewards, values[-1], 0.9) - values[:-1]
    return generalised_advantages(piece.rewards, values, 0.9, 0.9)


def descent_by_hand(algorithm, experience, entropy_weight=0.01):
    """Minus the gradients of the loss at THETA, with respect to theta and to the value head."""
    network = Network(small())
    write(network.theta, THETA)
    write(network.value, small().initial_value(0, 1))
    seen = [network(torch.from_numpy(piece.observations)) for piece in experience.segments]
    logits = torch.cat([logits[:-1] for logits, _ in seen])
    values = torch.cat([values[:-1] for _, values in seen])
    actions = torch.from_numpy(np.concatenate([piece.actions for piece in experience.segments]))
    advantages = np.concatenate(
        [
            credit_by_hand(algorithm, piece, values.detach().numpy())
            for piece, (_, values) in zip(experience.segments, seen, strict=True)
        ]
    )
    returns = torch.from_numpy(advantages) + values.detach()
    loss = policy_gradient_loss(logits, actions, torch.from_numpy(normalised(advantages)))
    (loss - entropy_weight * entropy_bonus(logits) + 0.5 * value_loss(values, returns)).backward()
    return -network.theta.grad.numpy(), -network.value.grad.numpy()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_plain_descent_gives_alpha_times_the_gradient(algorithm):
    # PPO's first step begins where the policy that flew is, so its slope is the policy gradient's.
    changes = {"optimiser": "sgd", "learning_rate": Schedule(0.5, "inverse"), "epochs": 1, "minibatch": 99}
    subject = learner(algorithm, **changes)
    value = subject.memory()["value"]
    learning = subject.step(THETA, batch(), round=4)
    theta_slope, value_slope = descent_by_hand(algorithm, batch())
    assert np.abs(theta_slope).max() > 1e-3
    assert_allclose(learning.increment, 0.1 * theta_slope, atol=2e-6)
    assert_allclose(subject.memory()["value"] - value, 0.1 * value_slope, atol=2e-6)
    assert learning.increment.dtype == np.float32


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_it_reports_what_the_batch_says(algorithm):
    learning = learner(algorithm).step(THETA, batch(), 0)
    assert (learning.mean_return, learning.environment_steps) == (1.5, 13)
    assert learning.increment.shape == THETA.shape


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_adam_begins_with_steps_of_the_learning_rate(algorithm):
    changes = {"learning_rate": Schedule(1e-3), "epochs": 1, "minibatch": 99}
    increment = learner(algorithm, **changes).step(THETA, batch(), 0).increment
    slope = descent_by_hand(algorithm, batch())[0]
    steep = np.abs(slope) > 1e-4
    assert steep.sum() > 100
    assert_allclose(increment[steep], 1e-3 * np.sign(slope[steep]), rtol=1e-2)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_schedules_are_asked_for_the_round(algorithm):
    rates = Schedule(1e-3, "piecewise", steps=((5, 2e-3),))
    entropies = Schedule(0.01, "piecewise", steps=((7, 1.0),))
    steps = {
        round: learner(algorithm, learning_rate=rates, epochs=1, minibatch=99, entropy_weight=entropies)
        .step(THETA, batch(), round)
        .increment
        for round in (0, 5, 7)
    }
    assert_allclose(steps[5], 2 * steps[0], atol=2e-6)
    assert np.abs(steps[7] - steps[5]).max() > 1e-3


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_equal_inputs_give_equal_bits(algorithm):
    first, second = (learner(algorithm).step(THETA, batch(), 3) for _ in range(2))
    assert_array_equal(first.increment, second.increment)


def test_minibatches_are_drawn_anew_for_each_round_agent_and_seed():
    steps = []
    for seed, agent, round in ((0, 1, 0), (0, 1, 1), (0, 2, 0), (5, 1, 0)):
        subject = learner("ppo", seed=seed, agent=agent)
        subject.restore({"value": VALUE})  # the same critic for all
        steps.append(subject.step(THETA, batch(), round).increment)
    for one, other in combinations(steps, 2):
        assert not np.array_equal(one, other)


def test_ppo_by_hand():
    """Two epochs of two minibatches; the policy that flew stays the one that the step began with."""
    pieces = (segment(3, 5, terminated=True), segment(4, 4, terminated=True))
    pictures, actions = (
        torch.from_numpy(np.concatenate(parts))
        for parts in ([p.observations[:-1] for p in pieces], [p.actions for p in pieces])
    )
    network = Network(small())
    write(network.theta, THETA)
    write(network.value, VALUE)
    with torch.no_grad():
        logits, values = network(pictures)
    before = log_probabilities(logits, actions)
    seen = np.split(values.numpy(), [5])
    credit = np.concatenate(
        [
            generalised_advantages(piece.rewards, np.append(known, np.float32(0)), 0.9, 0.9)
            for piece, known in zip(pieces, seen, strict=True)
        ]
    )
    advantages, returns = torch.from_numpy(normalised(credit)), torch.from_numpy(credit) + values
    optimiser = torch.optim.SGD(network.parameters(), lr=0.03)
    random = generator(0, Purpose.MINIBATCHES, 1, 8)
    for _ in range(2):
        order = random.permutation(9)
        for chosen in (order[:5], order[5:]):
            logits, values = network(pictures[chosen])
            part = actions[chosen]
            loss = clipped_surrogate_loss(logits, part, advantages[chosen], before[chosen], 0.05)
            loss = loss - 0.01 * entropy_bonus(logits) + 0.5 * value_loss(values, returns[chosen])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()

    subject = learner("ppo", optimiser="sgd", learning_rate=Schedule(0.03), minibatch=5, clip=0.05)
    subject.restore({"value": VALUE})
    increment = subject.step(THETA, Experience(pieces), 8).increment
    assert np.abs(increment).max() > 1e-2
    assert_allclose(increment, network.theta.detach().numpy() - THETA, atol=2e-7)
    assert_allclose(subject.memory()["value"], network.value.detach(), atol=2e-7)


@pytest.mark.parametrize("optimiser", ["adam", "sgd"])
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_learner_that_was_stopped_goes_on_to_the_bit(algorithm, optimiser):
    rounds = 5
    whole, theta, kept = learner(algorithm, optimiser=optimiser), THETA, None
    for round in range(rounds):
        if round == 2:
            kept = theta, whole.memory()
        theta = theta + whole.step(theta, batch(round), round).increment

    again, memory = kept
    resumed = learner(algorithm, optimiser=optimiser)
    resumed.restore({name: np.array(values) for name, values in memory.items()})
    for round in range(2, rounds):
        again = again + resumed.step(again, batch(round), round).increment
    assert_array_equal(again, theta)
    assert resumed.memory().keys() == whole.memory().keys()
    for name, values in whole.memory().items():
        assert_array_equal(resumed.memory()[name], values, err_msg=name)


def test_a_memory_is_a_copy():
    subject = learner("a2c")
    subject.step(THETA, batch(), 0)
    memory = subject.memory()
    before = {name: values.copy() for name, values in memory.items()}
    subject.step(THETA, batch(1), 1)
    for name, values in before.items():
        assert_array_equal(memory[name], values)
    assert {"value", "optimiser.theta.exp_avg", "optimiser.value.exp_avg_sq"} <= memory.keys()
    assert all(values.ndim == 1 for values in memory.values())


def test_restoring_the_beginning_forgets_the_moments():
    subject = learner("a2c")
    beginning = subject.memory()
    first = subject.step(THETA, batch(), 0).increment
    subject.restore(beginning)
    assert_array_equal(subject.step(THETA, batch(), 0).increment, first)


@pytest.mark.parametrize(
    "memory",
    [
        {},
        {"value": VALUE[:3]},
        {"value": VALUE, "optimiser.theta.exp_avg": 0 * THETA},  # but one of six
        {"value": VALUE, "optimiser.theta": VALUE},
    ],
    ids=["empty", "another size", "part of the moments", "another name"],
)
def test_a_memory_of_another_learner_is_refused(memory):
    with pytest.raises(CheckpointError, match="a learner's memory"):
        learner("a2c").restore(memory)


def test_a_memory_of_another_optimiser_is_refused():
    adam = learner("a2c")
    adam.step(THETA, batch(), 0)
    with pytest.raises(CheckpointError, match="a learner's memory"):
        learner("a2c", optimiser="sgd").restore(adam.memory())


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("trouble", ["reward", "huge reward", "theta"])
@pytest.mark.filterwarnings("error")
def test_what_would_not_stay_finite_is_left_out_and_told(algorithm, trouble, caplog):
    subject = learner(algorithm, gradient_clip=0.5)
    theta = THETA + subject.step(THETA, batch(), 0).increment
    before = subject.memory()
    bad_theta, rewards = theta.copy(), batch(1).segments[0].rewards.copy()
    if trouble == "theta":
        bad_theta[7] = np.inf
    else:
        rewards[2] = np.nan if trouble == "reward" else 3e38
    pieces = (batch(1).segments[0]._replace(rewards=rewards), *batch(1).segments[1:])
    learning = subject.step(bad_theta, Experience(pieces, 2.0), 1)
    told = "agent 1, round 1: the step was not finite and is left out"
    assert caplog.messages == [told]
    assert not learning.increment.any()
    assert (learning.mean_return, learning.environment_steps) == (2.0, 13)
    for name, values in before.items():
        assert_array_equal(subject.memory()[name], values)
    assert subject.step(theta, batch(2), 2).increment.any()
    assert caplog.messages == [told]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_batch_without_a_step_teaches_nothing(algorithm):
    nothing = batch().segments[0]
    nothing = Segment(nothing.observations[:1], nothing.actions[:0], nothing.rewards[:0], False)
    for empty in (Experience(()), Experience((nothing,))):
        learning = learner(algorithm).step(THETA, empty, 0)
        assert not learning.increment.any()
        assert learning.environment_steps == 0


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_many_pictures_are_worked_through_piece_by_piece(algorithm, monkeypatch):
    changes = {"optimiser": "sgd", "learning_rate": Schedule(0.01), "minibatch": 7}
    whole = learner(algorithm, **changes).step(THETA, batch(), 0).increment
    subject, sizes = learner(algorithm, **changes), []
    subject.chunk = 4
    forward = Network.forward
    monkeypatch.setattr(Network, "forward", lambda self, x: sizes.append(len(x)) or forward(self, x))
    pieces = subject.step(THETA, batch(), 0).increment
    assert max(sizes) == 4
    assert_allclose(pieces, whole, atol=1e-7)


def test_the_gradient_is_clipped_by_its_norm_over_theta_and_value_head():
    changes = {"optimiser": "sgd", "learning_rate": Schedule(1.0)}
    clipped = learner("a2c", **changes, gradient_clip=0.01)
    value = clipped.memory()["value"]
    steps = clipped.step(THETA, batch(), 0).increment, clipped.memory()["value"] - value
    slopes = descent_by_hand("a2c", batch())
    norm = np.sqrt(sum(np.square(slope).sum() for slope in slopes))
    assert norm > 0.1
    for step, slope in zip(steps, slopes, strict=True):
        assert_allclose(step, 0.01 / norm * slope, atol=1e-6)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device here")
def test_a_device_that_is_not_there_is_refused():
    with pytest.raises(InputError, match="found cuda, which torch does not find here, allowed: cpu"):
        learner("ppo", device="cuda")


def lit(random, steps):
    """Pictures that are brighter on the left, at the top, or nowhere in particular, and which it is."""
    where = random.integers(0, 3, steps + 1)
    pictures = random.integers(0, 100, (steps + 1, SIDE, SIDE, 3)).astype(np.uint8)
    pictures[where == 0, :, : SIDE // 2] += 100
    pictures[where == 1, : SIDE // 2] += 100
    return pictures, where[:-1]


@pytest.mark.parametrize(("algorithm", "rounds"), [("reinforce", 60), ("a2c", 60), ("ppo", 15)])
def test_it_learns_to_tell_pictures_apart(algorithm, rounds, caplog):
    architecture, theta = small(), THETA
    policy, subject = NeuralPolicy(architecture), learner(algorithm, minibatch=32, gradient_clip=0.5)
    share = []
    for round in range(rounds):
        random = np.random.default_rng(round)
        policy.load(theta)
        pieces = []
        for _ in range(4):
            pictures, right = lit(random, 32)
            chances = policy.probabilities(pictures[:-1]).cumsum(axis=1)
            actions = (random.random((32, 1)) > chances[:, :-1]).sum(axis=1)
            pieces.append(Segment(pictures, actions, (actions == right).astype(np.float32), False))
        share.append(np.mean([piece.rewards.mean() for piece in pieces]))
        theta = theta + subject.step(theta, Experience(tuple(pieces)), round).increment
    assert share[0] < 0.5
    assert np.mean(share[-3:]) > 0.9
    assert not caplog.messages  # no step was left out
