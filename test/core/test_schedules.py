import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcpg_ros.core.schedules import KINDS, Schedule

STEPS = ((10, 4.0), (20, 0.5))


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (Schedule(3.0), {0: 3, 1: 3, 10**6: 3}),
        (Schedule(20.0, "inverse", 300), {0: 20, 300: 10, 900: 5, 5700: 1}),
        (Schedule(8.0, "inverse"), {0: 8, 1: 4, 3: 2}),
        (Schedule(6.0, "inverse_sqrt", 100), {0: 6, 300: 3, 800: 2}),
        (Schedule(10.0, "geometric", 50), {0: 10, 50: 1, 100: 0.1, 25: 10**0.5}),
        (Schedule(16.0, "geometric", 1, decay=0.5), {0: 16, 1: 8, 4: 1}),
        (Schedule(9.0, "piecewise", steps=STEPS), {0: 9, 9: 9, 10: 4, 19: 4, 20: 0.5, 999: 0.5}),
        (Schedule(9.0, "piecewise"), {0: 9, 999: 9}),
        (Schedule(1.0, "piecewise", steps=((0, 2.0), (5, 3.0))), {0: 2, 4: 2, 5: 3}),
    ],
    ids=lambda value: value.kind if isinstance(value, Schedule) else "",
)
def test_a_schedule_by_hand(schedule, expected):
    assert {round: schedule(round) for round in expected} == pytest.approx(expected)


@given(kind=st.sampled_from(KINDS), initial=st.floats(1e-3, 1e3), constant=st.floats(0.5, 1e3))
def test_every_kind_begins_at_its_initial_value_and_never_rises(kind, initial, constant):
    steps = ((3, initial / 2), (7, initial / 4)) if kind == "piecewise" else ()
    values = [Schedule(initial, kind, constant, steps=steps)(round) for round in range(20)]
    assert values[0] == initial
    assert values == sorted(values, reverse=True)
    assert min(values) >= 0
    assert len(set(values)) == {"constant": 1, "piecewise": 3}.get(kind, 20)
    assert all(isinstance(value, float) for value in values)
