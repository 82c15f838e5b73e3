import subprocess
import sys
from math import prod

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from dcpg_ros.core.errors import InputError
from dcpg_ros.learning.architecture import architecture_of
from dcpg_ros.learning.layers import Conv, Dense, sides


def numbers(shapes):
    return sum(prod(shape) for _, shape in shapes)


def test_c3f2_is_the_size_of_pedra_s():
    c3f2 = architecture_of("c3f2", 103, 103, 25)
    assert numbers(c3f2.policy_shapes) == 1_280_025
    assert numbers(c3f2.policy_shapes + c3f2.value_shapes) == 2_330_650
    assert dict(c3f2.policy_shapes)["policy.fc1.weight"] == (1024, 1024)


@pytest.mark.parametrize(("network", "side"), [("c3f2", 103), ("small", 16), ("small", 48), ("small", 103)])
def test_theta_has_names_of_its_own_and_the_value_head_stays_apart(network, side):
    found = architecture_of(network, side, side, 5)
    assert all(name.startswith("policy.") for name, _ in found.policy_shapes)
    assert all(name.startswith("value.") for name, _ in found.value_shapes)
    names = [name for name, _ in found.policy_shapes + found.value_shapes]
    assert len(set(names)) == len(names)
    assert found.policy_shapes[-1][1] == (5,)
    assert found.value_shapes[-1][1] == (1,)


@pytest.mark.parametrize(("network", "smallest"), [("c3f2", 55), ("small", 8)])
def test_pictures_too_small_are_refused_with_the_smallest_that_fit(network, smallest):
    assert architecture_of(network, smallest, smallest, 4).height == smallest
    with pytest.raises(InputError) as refused:
        architecture_of(network, smallest - 1, 200, 4)
    assert str(refused.value) == (
        f"learner: network {network}: found pictures of 200x{smallest - 1} pixels, "
        f"allowed: at least {smallest}x{smallest} pixels"
    )


def test_an_unknown_network_is_refused():
    with pytest.raises(InputError, match="found vgg, allowed: c3f2 or small"):
        architecture_of("vgg", 103, 103, 25)


def test_windows_along_a_side_by_hand():
    assert sides(103, 7, 4) == 25  # at 0, 4, ..., 96
    assert sides(25, 3, 2) == 12
    assert sides(5, 3, 1, padding=1) == 5
    assert sides(2, 3, 1) == 0


def tensors(flat, shapes):
    ends = np.cumsum([prod(shape) for _, shape in shapes])[:-1]
    return {name: part for (name, _), part in zip(shapes, np.split(flat, ends), strict=True)}


def test_the_first_theta_depends_on_the_seed_alone_and_the_first_critic_on_the_agent_too():
    small = architecture_of("small", 48, 48, 25)
    assert small.initial_theta(3).dtype == small.initial_value(3, 1).dtype == np.float32
    assert_array_equal(small.initial_theta(3), small.initial_theta(3))
    assert not np.array_equal(small.initial_theta(3), small.initial_theta(4))
    assert_array_equal(small.initial_value(3, 1), small.initial_value(3, 1))
    assert not np.array_equal(small.initial_value(3, 1), small.initial_value(3, 2))


@pytest.mark.parametrize(("network", "side"), [("c3f2", 103), ("small", 48)])
def test_the_first_weights_have_the_deviation_of_he_et_al_and_no_bias(network, side):
    found = architecture_of(network, side, side, 25)
    theta = tensors(found.initial_theta(0), found.policy_shapes)
    for layer in found.trunk + found.policy:
        if isinstance(layer, Conv | Dense):
            weight = theta[f"{layer.name}.weight"]
            expected = layer.gain / np.sqrt(layer.fan_in)
            assert_allclose(weight.std(), expected, rtol=4 / np.sqrt(2 * weight.size))
            assert not theta[f"{layer.name}.bias"].any()
    last = [layer for layer in found.policy if isinstance(layer, Dense)][-1]
    assert last.gain < 0.1  # pi begins nearly uniform


def test_the_description_needs_no_torch():
    look = "import sys, dcpg_ros.learning.architecture; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", look], check=False).returncode == 0
