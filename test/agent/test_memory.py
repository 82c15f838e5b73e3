import numpy as np
import pytest

from dcpg_ros.agent import memory
from dcpg_ros.core.errors import CheckpointError
from dcpg_ros.core.learner import Learning


class Counter:
    """Remembers one number."""

    def __init__(self, count=0):
        self.count = count

    def memory(self):
        return {"count": np.array(self.count)}

    def restore(self, memory):
        self.count = int(memory["count"])


class Raising(Counter):
    def __init__(self, error):
        self.error = error

    def restore(self, memory):
        raise self.error


def test_what_is_gathered_goes_back_to_whom_it_came_from():
    gathered = memory.gather(
        memory.remembering({"learner": Counter(3), "environment": Counter(7), "bystander": object()})
    )
    assert {key: int(value) for key, value in gathered.items()} == {
        "learner/count": 3,
        "environment/count": 7,
    }
    learner, environment = Counter(), Counter()
    parts = {"learner": learner, "environment": environment, "bystander": object()}
    memory.scatter(gathered, memory.remembering(parts))
    assert (learner.count, environment.count) == (3, 7)


@pytest.mark.parametrize(
    "error", [KeyError("moments"), ValueError("two\nlines"), TypeError(), IndexError(3), RuntimeError("no")]
)
def test_memory_that_does_not_fit_is_one_line(error):
    with pytest.raises(CheckpointError, match="does not fit the learner") as caught:
        memory.scatter({}, {"learner": Raising(error)})
    assert "\n" not in str(caught.value)


def test_parts_own_words_about_a_memory_are_kept():
    with pytest.raises(CheckpointError, match=r"^of another network$"):
        memory.scatter({}, {"learner": Raising(CheckpointError("of another network"))})


def test_names_that_begin_alike_are_kept_apart():
    filed = {"learner/a": np.zeros(1), "learner2/a": np.ones(1), "learner/a/b": np.full(1, 2.0)}
    assert {key: float(part[0]) for key, part in memory.under("learner", filed).items()} == {"a": 0, "a/b": 2}


HALF = Learning(np.array([0.1, -0.0, 1e-30], np.float32), 1 / 3, 10**12)
THETA = np.zeros(3, np.float32)


def test_learning_of_half_a_round_is_kept_to_the_bit():
    filed = memory.write_learning(HALF)
    assert {key.split("/")[0] for key in filed} == {memory.LEARNING} <= set(memory.NAMES)
    again = memory.read_learning(filed, THETA)
    assert (again.increment.dtype, again.increment.tobytes()) == (np.float32, HALF.increment.tobytes())
    assert (again.mean_return, again.environment_steps) == (1 / 3, 10**12)


def test_memory_between_two_rounds_has_no_learning():
    assert memory.read_learning({"learner/count": np.array(3)}, THETA) is None


@pytest.mark.parametrize("missing", ["increment", "mean_return", "environment_steps"])
def test_learning_that_lacks_a_part_is_refused(missing):
    filed = memory.write_learning(HALF)
    del filed[f"learning/{missing}"]
    with pytest.raises(CheckpointError, match="without what was learnt"):
        memory.read_learning(filed, THETA)


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("increment", np.zeros(4, np.float32)),
        ("increment", np.zeros((3, 1), np.float32)),
        ("increment", np.zeros(3)),
        ("increment", np.array([0, np.nan, 0], np.float32)),
        ("mean_return", np.array(np.inf)),
        ("mean_return", np.zeros(2)),
        ("environment_steps", np.array(-1)),
        ("environment_steps", np.array(np.nan)),
        ("environment_steps", np.array(np.inf)),
    ],
)
def test_learning_that_theta_cannot_take_is_refused(part, value):
    with pytest.raises(CheckpointError, match="half done"):
        memory.read_learning({**memory.write_learning(HALF), f"learning/{part}": value}, THETA)
