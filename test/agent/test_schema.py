import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from dcpg_ros.agent.schema import Schema
from dcpg_ros.core.errors import WireError

NETWORK = Schema(
    (("policy.trunk.weight", (3, 2)), ("policy.trunk.bias", (3,)), ("policy.scale", ())), "float32"
)
SCHEMAS = st.builds(
    Schema,
    st.lists(
        st.tuples(st.text(min_size=1, max_size=5), arrays.array_shapes(min_dims=0, max_dims=3, max_side=3)),
        min_size=1,
        max_size=4,
        unique_by=lambda item: item[0],
    ).map(tuple),
    st.sampled_from(["float64", "float32"]),
)


@given(SCHEMAS, st.randoms())
def test_split_then_join_is_theta_again(schema, random):
    theta = np.array([random.uniform(-5, 5) for _ in range(schema.size)], schema.dtype)
    parts = schema.split(theta)
    assert {name: part.shape for name, part in parts.items()} == dict(schema.shapes)
    shuffled = dict(random.sample(list(parts.items()), len(parts)))  # tensors come in any order
    joined = schema.join(shuffled)
    assert joined.dtype == theta.dtype
    assert joined.tobytes() == theta.tobytes()


def test_table_has_the_layout_of_equation_4():
    schema = Schema.table(5, 3)
    theta = np.arange(15.0)
    [(name, table)] = schema.split(theta).items()
    assert (name, schema.size, schema.dtype) == ("policy.theta", 15, "float64")
    assert table[4, 1] == theta[4 * 3 + 1]
    table[2, 2] = -1.0
    assert theta[8] == -1.0  # a view: no copy is made of a large network


@pytest.mark.parametrize(
    "other",
    [
        Schema((("policy.trunk.weight", (2, 3)), *NETWORK.shapes[1:]), "float32"),
        Schema((("policy.trunk.wait", (3, 2)), *NETWORK.shapes[1:]), "float32"),
        Schema(NETWORK.shapes, "float64"),
        Schema(NETWORK.shapes[:2], "float32"),
        Schema(NETWORK.shapes[::-1], "float32"),
    ],
)
def test_digest_differs_where_thetas_may_not_be_mixed(other):
    assert other.digest != NETWORK.digest
    assert Schema(tuple(NETWORK.shapes), "float32").digest == NETWORK.digest


@pytest.mark.parametrize(
    "spoil",
    [
        lambda parts: parts.pop("policy.scale"),
        lambda parts: parts.update({"value.head": np.zeros(1, np.float32)}),
        lambda parts: parts.update({"policy.trunk.bias": np.zeros(4, np.float32)}),
        lambda parts: parts.update({"policy.trunk.bias": np.zeros((3, 1), np.float32)}),
        lambda parts: parts.update({"policy.trunk.bias": np.zeros(3, np.float64)}),
        lambda parts: parts.update({"policy.trunk.bias": np.zeros(3, np.int32)}),
        lambda parts: parts.update({"policy.trunk.bias": np.zeros(3, ">f4")}),
        lambda parts: parts.clear(),
    ],
)
def test_tensors_of_another_theta_are_refused(spoil):
    parts = NETWORK.split(np.zeros(NETWORK.size, np.float32))
    spoil(parts)
    with pytest.raises(WireError, match="not those of this theta"):
        NETWORK.join(parts)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("place", [0, 7, NETWORK.size - 1])
def test_value_that_is_not_finite_is_refused(value, place):
    theta = np.zeros(NETWORK.size, np.float32)
    theta[place] = value
    with pytest.raises(WireError, match="not finite"):
        NETWORK.join(NETWORK.split(theta))
