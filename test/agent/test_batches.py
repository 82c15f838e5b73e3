import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dcpg_ros.agent import wire
from dcpg_ros.agent.batches import (
    ANSWER_TYPES,
    BatchKey,
    decode_answer,
    decode_request,
    encode_answer,
    encode_request,
)
from dcpg_ros.agent.schema import Schema
from dcpg_ros.agent.snapshot import HEADER_ALLOWANCE
from dcpg_ros.core.errors import WireError
from dcpg_ros.core.sampling import Episodes, sample_episodes

SCHEMA = Schema.table(9, 4)
EPISODES, HORIZON = 4, 12
KEY = BatchKey("ada", "1f", 7, 2)
THETA = np.linspace(-1, 1, SCHEMA.size)
REQUEST = encode_request(KEY, THETA, SCHEMA)
WHOLE = st.integers(0, 10**19 - 1)


def decoded(payload):
    return decode_answer(payload, EPISODES, HORIZON, SCHEMA)


@pytest.fixture(scope="module")
def mdp(make_scenario):
    return make_scenario(1).tasks[0].mdp


@pytest.fixture(scope="module")
def batch(mdp):
    return sample_episodes(mdp, np.full((9, 4), 0.25), EPISODES, HORIZON, np.random.default_rng(3))


@pytest.fixture(scope="module")
def answer(batch):
    return encode_answer(KEY, batch)


@given(st.text(max_size=10), st.text(max_size=10), WHOLE, WHOLE)
def test_request_comes_out_as_it_went_in(agent, incarnation, round, request_number):
    key = BatchKey(agent, incarnation, round, request_number)
    found, theta = decode_request(encode_request(key, THETA, SCHEMA), SCHEMA)
    assert found == key
    assert theta.tobytes() == THETA.tobytes()


@given(seed=st.integers(0, 2**32), agent=st.text(max_size=10), round=WHOLE, number=WHOLE)
def test_answer_comes_out_as_it_went_in(mdp, seed, agent, round, number):
    episodes = sample_episodes(mdp, np.full((9, 4), 0.25), EPISODES, HORIZON, np.random.default_rng(seed))
    key = BatchKey(agent, "1f", round, number)
    found, batch = decoded(encode_answer(key, episodes))
    assert found == key
    for name, dtype in ANSWER_TYPES.items():
        mine, theirs = getattr(episodes, name), getattr(batch, name)
        assert theirs.dtype == dtype
        np.testing.assert_array_equal(mine, theirs)
    assert batch.steps == episodes.steps


def test_batch_that_does_not_lie_in_one_piece_comes_out_right(batch):
    columns = [np.asfortranarray(part) for part in (batch.states, batch.actions, batch.rewards)]
    padded = Episodes(*columns, batch.lengths)
    _, found = decoded(encode_answer(KEY, padded))
    np.testing.assert_array_equal(found.states, batch.states)
    np.testing.assert_array_equal(found.rewards, batch.rewards)


@pytest.mark.parametrize("word", ["round", "request"])
@pytest.mark.parametrize("text", [None, "", "-1", "1.0", "many"])
def test_key_without_its_numbers_is_refused(word, text, answer):
    for payload, decode in ((REQUEST, lambda p: decode_request(p, SCHEMA)), (answer, decoded)):
        tensors, words = wire.unpack(payload, len(payload))
        words[word] = text
        spoilt = wire.pack(tensors, {name: text for name, text in words.items() if text is not None})
        with pytest.raises(WireError, match=word):
            decode(spoilt)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_request_with_a_theta_that_is_not_finite_is_refused(value):
    theta = THETA.copy()
    theta[5] = value
    with pytest.raises(WireError, match="not finite"):
        decode_request(encode_request(KEY, theta, SCHEMA), SCHEMA)


def test_request_for_another_world_is_refused():
    other = Schema.table(4, 9)
    with pytest.raises(WireError):
        decode_request(encode_request(KEY, THETA, other), SCHEMA)


def changed(batch, **parts):
    return encode_answer(KEY, dataclasses.replace(batch, **parts))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("states", -1), ("states", 9), ("states", 2**31 - 1),
        ("actions", -1), ("actions", 4), ("actions", 127),
        ("lengths", -1), ("lengths", HORIZON + 1),
        ("rewards", np.nan), ("rewards", np.inf), ("rewards", -np.inf),
    ],
)  # fmt: skip
def test_answer_with_a_number_out_of_range_is_refused(name, value, batch):
    for place in (0, -1):
        part = getattr(batch, name).copy()
        part.flat[place] = value
        with pytest.raises(WireError, match=r"out of range|not finite"):
            decoded(changed(batch, **{name: part}))


def test_answer_longer_than_its_columns_is_refused(batch):
    columns = batch.states.shape[1]
    with pytest.raises(WireError, match="out of range"):
        decoded(changed(batch, lengths=np.full(EPISODES, columns + 1, np.int32)))
    decoded(changed(batch, lengths=np.full(EPISODES, columns, np.int32)))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda b: {"states": b.states[:, :-1]},
        lambda b: {"states": b.states[:-1]},
        lambda b: {"states": b.states.ravel()},
        lambda b: {"actions": b.actions[:, :, None]},
        lambda b: {"rewards": b.rewards[:-1]},
        lambda b: {"lengths": b.lengths[:-1]},
        lambda b: {"lengths": b.lengths[:, None]},
        lambda b: {"states": b.states.astype(np.int64)},
        lambda b: {"actions": b.actions.astype(np.int32)},
        lambda b: {"rewards": b.rewards.astype(np.float32)},
        lambda b: {"lengths": b.lengths.astype(np.int64)},
        lambda b: {name: getattr(b, name)[:-1] for name in ANSWER_TYPES},
        lambda b: {
            name: np.zeros((EPISODES, HORIZON + 1), ANSWER_TYPES[name])
            for name in ("states", "actions", "rewards")
        },
    ],
)
def test_answer_of_another_shape_or_type_is_refused(spoil, batch):
    with pytest.raises(WireError, match=r"another shape|other names or types"):
        decoded(changed(batch, **spoil(batch)))


@pytest.mark.parametrize("name", ANSWER_TYPES)
def test_answer_with_a_scalar_for_an_array_is_refused(name, batch):
    parts = {each: getattr(batch, each) for each in ANSWER_TYPES}
    parts[name] = parts[name].ravel()[:1]
    payload = wire.pack(parts, KEY.metadata())
    size = int.from_bytes(payload[:8], "little")
    header = json.loads(payload[8 : 8 + size])
    header[name]["shape"] = []
    text = json.dumps(header).encode()
    with pytest.raises(WireError):
        decoded(len(text).to_bytes(8, "little") + text + payload[8 + size :])


@pytest.mark.parametrize("missing", ANSWER_TYPES)
def test_answer_without_one_of_its_arrays_is_refused(missing, batch):
    parts = {name: getattr(batch, name) for name in ANSWER_TYPES if name != missing}
    with pytest.raises(WireError, match="other names"):
        decoded(wire.pack(parts, KEY.metadata()))


def test_messages_over_the_limit_are_refused_unread(answer):
    with pytest.raises(WireError, match="allowed: at most"):
        decode_request(REQUEST + bytes(SCHEMA.size * 8 + HEADER_ALLOWANCE), SCHEMA)
    with pytest.raises(WireError, match="allowed: at most"):
        decoded(answer + bytes(EPISODES * HORIZON * 20 + HEADER_ALLOWANCE))


def test_full_answer_is_within_the_limit():
    shape = (200, 100)
    episodes = Episodes(
        np.full(shape, 8, np.int32), np.full(shape, 3, np.int8), np.ones(shape), np.full(200, 100, np.int32)
    )
    key = BatchKey("a" * 63, "f" * 16, 10**9, 10**9)
    assert decode_answer(encode_answer(key, episodes), 200, 100, SCHEMA)[1].steps == 20_000


@given(noise=st.binary(max_size=200))
def test_noise_is_refused(noise):
    for decode in (decoded, lambda payload: decode_request(payload, SCHEMA)):
        with pytest.raises(WireError):
            decode(noise)


@given(data=st.data())
@settings(max_examples=150)
def test_damaged_answer_is_refused_or_valid(answer, data):
    damaged = bytearray(answer[: data.draw(st.integers(0, len(answer)) | st.just(len(answer)))])
    positions = st.integers(0, max(len(damaged) - 1, 0))
    for position in data.draw(st.lists(positions, max_size=3)) if damaged else []:
        damaged[position] ^= data.draw(st.integers(1, 255))
    try:
        _, batch = decoded(bytes(damaged))
    except WireError:
        return
    assert batch.states.shape == batch.actions.shape == batch.rewards.shape
    assert ((batch.states >= 0) & (batch.states < 9)).all()
    assert ((batch.actions >= 0) & (batch.actions < 4)).all()
    assert ((batch.lengths >= 0) & (batch.lengths <= batch.states.shape[1])).all()
    assert np.isfinite(batch.rewards).all()
