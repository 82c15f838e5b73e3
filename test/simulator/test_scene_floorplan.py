import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dcpg_ros.simulator.scene.floorplan import FloorPlan, merged, open_cell

masks = st.integers(1, 9).flatmap(
    lambda width: st.lists(st.lists(st.booleans(), min_size=width, max_size=width), min_size=1, max_size=9)
).map(np.array)  # fmt: skip


@given(masks)
def test_rectangles_cover_each_cell_once_and_no_other(mask):
    covered = np.zeros(mask.shape, dtype=int)
    for row, column, rows, columns in merged(mask):
        covered[row : row + rows, column : column + columns] += 1
    assert (covered == mask).all()


def test_few_rectangles_for_a_room_and_for_either_direction():
    room = np.pad(np.zeros((8, 30), dtype=bool), 1, constant_values=True)
    assert len(merged(room)) == 4
    comb = np.zeros((5, 20), dtype=bool)
    comb[:, ::2] = True
    comb[0] = True
    assert len(merged(comb)) == len(merged(comb.T)) == 1 + 10  # its back and its teeth


def test_a_row_down_is_y_and_a_character_along_is_x():
    plan = FloorPlan(2.0, np.array([list("..#"), list("..#")]))
    assert plan.extent == (6.0, 4.0)
    assert plan.rectangles("#") == [(5.0, 2.0, 2.0, 4.0)]
    assert plan.centres(".") == [(1.0, 1.0), (3.0, 1.0), (1.0, 3.0), (3.0, 3.0)]


def test_the_edge_is_where_a_plan_can_be_open():
    closed = np.ones((3, 4), dtype=bool)
    closed[1, 1:3] = False
    assert open_cell(closed) is None
    closed[2, 1] = False
    assert open_cell(closed) == (2, 1)
