import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from torch.nn import functional

from dcpg_ros.learning.architecture import architecture_of
from dcpg_ros.learning.network import Network, read, split, standardised, write

from .examples import SIDE, small


def pictures(count, side=SIDE, seed=0):
    return torch.from_numpy(
        np.random.default_rng(seed).integers(0, 256, (count, side, side, 3), dtype=np.uint8)
    )


def network(architecture):
    found = Network(architecture)
    write(found.theta, architecture.initial_theta(1))
    write(found.value, architecture.initial_value(1, 0))
    return found


def test_a_picture_is_standardised_by_itself():
    found = standardised(pictures(3)).numpy()
    expected = pictures(3).numpy().astype(float).transpose(0, 3, 1, 2) / 255
    axes = (1, 2, 3)
    expected -= expected.mean(axes, keepdims=True)
    assert_allclose(found, expected / expected.std(axes, keepdims=True), atol=1e-5)


def test_of_a_picture_of_one_colour_nothing_is_left():
    assert_allclose(standardised(torch.full((1, 4, 4, 3), 77, dtype=torch.uint8)), 0, atol=1e-5)


def test_the_slightest_difference_is_not_made_a_great_one():
    dim = torch.zeros((1, 10, 10, 1), dtype=torch.uint8)
    dim[0, 0, 0, 0] = 1
    assert_allclose(standardised(dim).max(), 0.99, rtol=1e-5)  # 1 - mean, in grey levels


def test_standardising_needs_the_pictures_unchanged():
    given = pictures(2)
    before = given.clone()
    standardised(given)
    assert torch.equal(given, before)


def test_c3f2_layer_by_layer():
    architecture = architecture_of("c3f2", 103, 103, 25)
    found = network(architecture)
    p = split(read_tensor(found.theta), architecture.policy_shapes)
    v = split(read_tensor(found.value), architecture.value_shapes)
    x = standardised(pictures(2, 103))
    x = functional.conv2d(x, p["policy.conv1.weight"], p["policy.conv1.bias"], stride=4).relu()
    x = functional.max_pool2d(x, 3, 2)
    x = functional.conv2d(x, p["policy.conv2.weight"], p["policy.conv2.bias"]).relu()
    x = functional.max_pool2d(x, 2, 2)
    x = functional.conv2d(x, p["policy.conv3.weight"], p["policy.conv3.bias"], padding=1).relu()
    x = x.reshape(2, 1024)
    hidden = (x @ p["policy.fc1.weight"].T + p["policy.fc1.bias"]).relu()
    other = (x @ v["value.fc1.weight"].T + v["value.fc1.bias"]).relu()
    with torch.no_grad():
        logits, values = found(pictures(2, 103))
    assert_allclose(logits, hidden @ p["policy.fc2.weight"].T + p["policy.fc2.bias"], atol=1e-5)
    assert_allclose(values, (other @ v["value.fc2.weight"].T + v["value.fc2.bias"])[:, 0], atol=1e-5)


def read_tensor(parameter):
    return torch.from_numpy(read(parameter))


def test_the_gradient_comes_in_the_order_of_theta():
    architecture = small()
    found, step = network(architecture), 1e-2
    weights = torch.linspace(-1, 1, 3)

    def score():
        logits, values = found(pictures(4))
        return (logits @ weights).mean() + values.mean()

    score().backward()
    slope = found.theta.grad.clone()
    theta, direction = read(found.theta), np.random.default_rng(0).normal(size=slope.shape).astype(np.float32)
    direction *= np.abs(slope.numpy()) / np.linalg.norm(direction * np.abs(slope.numpy()))
    with torch.no_grad():
        write(found.theta, theta + step * direction)
        above = score()
        write(found.theta, theta - step * direction)
        below = score()
    assert_allclose((above - below) / (2 * step), slope.numpy() @ direction, rtol=2e-2)


def test_the_value_loss_reaches_the_trunk_and_not_the_policy_head():
    architecture = small()
    found = network(architecture)
    found(pictures(4))[1].sum().backward()
    slopes = split(found.theta.grad, architecture.policy_shapes)
    assert slopes["policy.conv1.weight"].abs().max() > 0
    assert slopes["policy.fc2.weight"].abs().max() == 0


def test_split_gives_the_tensors_in_order():
    flat = torch.arange(10.0)
    found = split(flat, (("a", (2, 3)), ("b", (4,))))
    assert_array_equal(found["a"], [[0, 1, 2], [3, 4, 5]])
    assert_array_equal(found["b"], [6, 7, 8, 9])


def test_what_is_written_is_read_and_what_was_read_stays():
    found = Network(small())
    theta = small().initial_theta(0)
    theta.flags.writeable = False  # as a checkpoint may give it
    write(found.theta, theta)
    taken = read(found.theta)
    assert_array_equal(taken, theta)
    write(found.theta, 0 * theta)
    assert_array_equal(taken, theta)


@pytest.mark.parametrize("side", [16, 32, 48, 103])
def test_small_takes_every_size_that_a_scenario_may_ask_for(side):
    logits, values = network(architecture_of("small", side, side + 5, 7))(
        torch.zeros((2, side, side + 5, 3), dtype=torch.uint8)
    )
    assert logits.shape == (2, 7)
    assert values.shape == (2,)
