import dataclasses
import itertools

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from dcpg_ros.agent import wire
from dcpg_ros.agent.checkpoint import KEEP, CheckpointStore, newest_consistent_cut
from dcpg_ros.agent.schema import Schema
from dcpg_ros.agent.state import AgentState
from dcpg_ros.core.errors import CheckpointError

TABLE = Schema.table(3, 4)
NETWORK = Schema((("policy.weight", (2, 3)), ("policy.bias", (5,))), "float32")
FINITE = st.floats(allow_nan=False, allow_infinity=False)
WHOLE = st.integers(0, 10**18)


def thetas(schema):
    width = 64 if schema.dtype == "float64" else 32
    return arrays.arrays(
        schema.dtype, schema.size, elements=st.floats(allow_nan=False, allow_infinity=False, width=width)
    )


def memories():
    """What learners and environments may remember: arrays of any kind."""
    names = st.from_regex(r"(learner|environment|learning)/[a-z./]{1,9}", fullmatch=True)
    kinds = st.sampled_from(list(wire.TYPES.values()))
    shapes = arrays.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=4)
    return st.dictionaries(names, arrays.arrays(kinds, shapes), max_size=4)


def states(schema):
    return st.builds(
        AgentState, thetas(schema), st.integers(0, 10**9), st.none() | thetas(schema),
        FINITE, FINITE, WHOLE, WHOLE, WHOLE, FINITE, memories(),
    )  # fmt: skip


def bits(array):
    return None if array is None else (array.dtype, array.shape, array.tobytes())


def assert_same(state, other):
    for field in dataclasses.fields(AgentState):
        mine, theirs = getattr(state, field.name), getattr(other, field.name)
        if field.name in ("theta", "previous"):
            assert bits(mine) == bits(theirs)
        elif field.name == "memory":
            assert {name: bits(part) for name, part in mine.items()} == {
                name: bits(part) for name, part in theirs.items()
            }
        else:
            assert (mine, type(mine)) == (theirs, type(theirs)), field.name


PLAIN = AgentState(np.arange(12.0), 7, np.ones(12), 0.25, 1.5, 40, 14, 5_000, 2.75)


@pytest.fixture
def store(tmp_path):
    return CheckpointStore(tmp_path / "checkpoints" / "ada", TABLE)


@given(st.one_of(st.tuples(st.just(schema), states(schema)) for schema in (TABLE, NETWORK)))
def test_state_is_loaded_as_it_was_saved_to_the_bit(scratch, case):
    schema, state = case
    store = CheckpointStore(scratch / f"exact {schema.dtype}", schema)
    store.forget(store.rounds())
    store.save(state)
    assert store.rounds() == [state.round]
    assert_same(CheckpointStore(store.folder, schema).load(state.round), state)


def test_agent_that_remembers_nothing_has_its_theta_and_its_account_on_disk(store):
    store.save(PLAIN)
    tensors, words = wire.unpack(store.path(7).read_bytes(), 10**6)
    assert set(tensors) == {"theta/policy.theta", "previous/policy.theta"}
    assert set(words) == {
        *("protocol", "schema", "round", "mean_return", "increment_norm"),
        *("environment_steps", "messages", "bytes", "wall_s"),
    }


def test_memory_that_is_loaded_can_be_written_to(store):
    store.save(dataclasses.replace(PLAIN, memory={"learner/moments": np.zeros(3, np.float32)}))
    store.load(7).memory["learner/moments"] += 1


def test_only_the_newest_are_kept(store):
    assert store.rounds() == []
    saved = []
    for round in (1, 5, 9, 10, 11, 100, 99_999, 123_456_789):
        store.save(dataclasses.replace(PLAIN, round=round))
        saved.append(round)
        assert store.rounds() == saved[-KEEP:]
        assert sorted(file.name for file in store.folder.iterdir()) == [
            f"{kept:010d}.safetensors" for kept in saved[-KEEP:]
        ]


def test_checkpoints_of_stops_take_no_regular_ones_place(store):
    store.every = 10
    for round in (10, 20, 30, 33, 34, 38, 40, 47):
        store.save(dataclasses.replace(PLAIN, round=round))
    assert store.rounds() == [30, 38, 40, 47]  # the newest three, and three that do not count 38
    assert store.regular() == [30, 40, 47]
    for round in (50, 60, 70):
        store.save(dataclasses.replace(PLAIN, round=round))
    assert store.rounds() == store.regular() == [50, 60, 70]


def test_round_that_is_saved_again_is_replaced(store):
    store.save(PLAIN)
    store.save(dataclasses.replace(PLAIN, mean_return=9.0))
    assert store.rounds() == [7]
    assert store.load(7).mean_return == 9.0


@pytest.mark.parametrize(
    "name",
    ["notes.txt", "latest.safetensors", ".0000000009.safetensors.123", "7.safetensors", "²³.safetensors"],
)
def test_files_that_are_no_checkpoints_do_not_count_and_stay(store, name):
    store.folder.mkdir(parents=True)
    (store.folder / name).write_text("mine")
    assert store.rounds() == []
    for round in range(KEEP + 2):
        store.save(dataclasses.replace(PLAIN, round=round))
    assert store.rounds() == [2, 3, 4]
    assert (store.folder / name).read_text() == "mine"


def test_every_truncation_is_refused_in_one_line(store):
    store.save(PLAIN)
    path = store.path(7)
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(CheckpointError) as caught:
            store.load(7)
        assert str(caught.value).startswith(f"{path}: ")
        assert "\n" not in str(caught.value)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """The bytes of a checkpoint."""
    store = CheckpointStore(tmp_path_factory.mktemp("saved"), TABLE)
    store.save(PLAIN)
    return store.path(7).read_bytes()


@given(data=st.data())
@settings(max_examples=150)
def test_damaged_file_is_refused_or_gives_a_whole_state(scratch, saved, data):
    store = CheckpointStore(scratch / "damaged", TABLE)
    store.folder.mkdir(exist_ok=True)
    path, damaged = store.path(7), bytearray(saved)
    for position in data.draw(st.lists(st.integers(0, len(damaged) - 1), min_size=1, max_size=3)):
        damaged[position] ^= data.draw(st.integers(1, 255))
    path.write_bytes(damaged)
    try:
        state = store.load(7)
    except CheckpointError as error:
        line = str(error)
    else:
        assert state.theta.shape == (12,)
        assert state.previous is None or state.previous.shape == (12,)
        return
    assert line.startswith(f"{path}: ")
    assert "\n" not in line


@given(st.binary(max_size=200))
def test_noise_is_refused(scratch, noise):
    store = CheckpointStore(scratch / "noise", TABLE)
    store.folder.mkdir(exist_ok=True)
    store.path(7).write_bytes(noise)
    with pytest.raises(CheckpointError):
        store.load(7)


def test_missing_file_and_folder_in_its_place_are_refused(store):
    with pytest.raises(CheckpointError, match="No such file"):
        store.load(7)
    store.path(8).mkdir(parents=True)
    with pytest.raises(CheckpointError, match="directory"):
        store.load(8)


def test_checkpoint_of_another_scenario_is_refused(store):
    store.save(PLAIN)
    with pytest.raises(CheckpointError, match="another shape of theta"):
        CheckpointStore(store.folder, Schema.table(4, 3)).load(7)


def test_checkpoint_of_another_round_is_refused(store):
    store.save(PLAIN)
    store.path(7).rename(store.path(8))  # by hand, or by a copy gone wrong
    with pytest.raises(CheckpointError):
        store.load(8)


def test_checkpoint_without_its_theta_is_refused(store):
    store.save(PLAIN)
    tensors, words = wire.unpack(store.path(7).read_bytes(), 10**6)
    del words["protocol"], tensors["theta/policy.theta"]
    store.path(7).write_bytes(wire.pack(tensors, words))
    with pytest.raises(CheckpointError):
        store.load(7)


@st.composite
def cuts(draw):
    """A graph of up to four agents, and the checkpoints each has."""
    size = draw(st.integers(1, 4))
    pairs = list(itertools.combinations(range(size), 2))
    graph = nx.empty_graph(size)
    graph.add_edges_from(draw(st.sets(st.sampled_from(pairs))) if pairs else [])
    rounds = st.lists(st.integers(0, 12), max_size=KEEP + 1, unique=True).map(sorted)
    return {i: draw(rounds) for i in range(size)}, {i: tuple(graph[i]) for i in range(size)}


def is_consistent(cut, neighbours):
    return all(abs(cut[i] - cut[j]) <= 1 for i in cut for j in neighbours[i])


@given(cuts())
@settings(max_examples=150)
def test_cut_is_the_newest_of_all_consistent_ones(case):
    available, neighbours = case
    cut = newest_consistent_cut(available, neighbours)
    choices = [{0, *available[i]} for i in sorted(available)]
    consistent = [
        candidate
        for rounds in itertools.product(*choices)
        if is_consistent(candidate := dict(enumerate(rounds)), neighbours)
    ]
    assert cut in consistent
    assert all(cut[i] == max(other[i] for other in consistent) for i in cut)


@given(cuts())
def test_cut_of_a_cut_is_itself(case):
    available, neighbours = case
    cut = newest_consistent_cut(available, neighbours)
    assert newest_consistent_cut({i: [round] for i, round in cut.items()}, neighbours) == cut


@given(cuts(), st.randoms())
def test_cut_does_not_depend_on_the_order_in_which_agents_are_looked_at(case, random):
    available, neighbours = case
    agents = random.sample(sorted(available), len(available))
    shuffled = newest_consistent_cut({i: available[i] for i in agents}, neighbours)
    assert shuffled == newest_consistent_cut(available, neighbours)


@given(st.integers(2, 9), st.integers(1, 6), st.data())
def test_run_that_is_killed_goes_on_from_the_last_period_that_all_have_done(size, period, data):
    """On a path, whose ends may be size - 1 rounds apart: what is kept spans two periods."""
    rounds = [data.draw(st.integers(50, 60))]
    for _ in range(size - 1):
        rounds.append(rounds[-1] + data.draw(st.integers(-1, 1)))
    neighbours = {i: tuple(j for j in (i - 1, i + 1) if 0 <= j < size) for i in range(size)}
    available = {
        i: [k for k in range(1, round + 1) if k % period == 0][-KEEP:] for i, round in enumerate(rounds)
    }
    cut = newest_consistent_cut(available, neighbours)
    if max(rounds) - min(rounds) <= 2 * period:
        assert min(cut.values()) >= min(rounds) // period * period


def test_large_ring_is_cut_in_no_time():
    size = 2000
    available = {i: [i % 7, 10 + i % 2, 100 + i % 3] for i in range(size)}
    neighbours = {i: ((i - 1) % size, (i + 1) % size) for i in range(size)}
    cut = newest_consistent_cut(available, neighbours)
    assert is_consistent(cut, neighbours)
    assert min(cut.values()) >= 10
