import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from dcpg_ros.core.seeding import Purpose, generator

NUMBER = st.integers(0, 2**20)
KEY = st.tuples(NUMBER, st.sampled_from(Purpose), NUMBER, NUMBER)


@given(key=KEY)
def test_the_same_key_gives_the_same_numbers_whatever_was_drawn_between(key):
    first = generator(*key).random(10)
    generator(*key).normal(size=99)
    assert_array_equal(generator(*key).random(10), first)


@given(one=KEY, other=KEY)
def test_different_keys_give_different_numbers(one, other):
    assume(one != other)
    assert not np.isin(generator(*one).random(10), generator(*other).random(10)).any()


def test_every_part_of_the_key_counts():
    key = {"seed": 5, "purpose": Purpose.EPISODES, "agent": 1, "round": 2}
    changed = [
        {},
        {"seed": 6},
        {"purpose": Purpose.EVALUATION},
        {"agent": 2},
        {"round": 1},
        {"agent": 2, "round": 1},
    ]
    draws = [generator(**{**key, **change}).random() for change in changed]
    assert len(set(draws)) == len(draws)


def test_the_key_is_the_one_the_design_fixes():
    # Any other derivation would silently give every recorded run other numbers.
    sequence = np.random.SeedSequence(7, spawn_key=(Purpose.EPISODES, 3, 11))
    expected = np.random.Generator(np.random.PCG64(sequence)).random(5)
    assert_array_equal(generator(7, Purpose.EPISODES, 3, 11).random(5), expected)
    assert {purpose.name: purpose.value for purpose in Purpose} == {
        "INITIAL_THETA": 0, "EPISODES": 1, "GRAPH": 2, "EVALUATION": 3,
        "ACTIONS": 4, "FLIGHT_NOISE": 5, "STARTS": 6, "MINIBATCHES": 7, "CRITIC": 8,
    }  # fmt: skip


def test_agent_and_round_default_to_the_first():
    assert generator(7, Purpose.GRAPH).random() == generator(7, Purpose.GRAPH, 0, 0).random()
