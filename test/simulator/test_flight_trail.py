import numpy as np

from dcpg_ros.simulator.flight.trail import Trail


def fly(trail, start, steps, step_m=0.4):
    for number in range(steps):
        trail.add(np.array([start + step_m * number, 0.0, -1.5]))


def test_of_many_flights_the_last_are_kept_whole():
    trail = Trail(most_points=1000)
    for flight in range(500):
        trail.lift(np.array([100.0 * flight, 0.0, -1.5]))
        fly(trail, 100.0 * flight, 20)
    pieces = trail.pieces
    assert trail.spacing_m == 0.1
    assert 45 <= len(pieces) <= 50
    assert pieces[-1][0][0] == 100.0 * 499
    assert {len(piece) for piece in pieces} == {20}


def test_one_endless_flight_is_thinned():
    trail = Trail(most_points=100)
    fly(trail, 0.0, 10_000)
    (piece,) = trail.pieces
    assert 25 <= len(piece) <= 100
    assert piece[0][0] == 0
    assert piece[-1][0] > 3800


def test_a_flight_in_set_steps_is_one_piece():
    trail = Trail()
    for number in range(100):
        trail.lift(np.array([0.4 * number, 0.0, -1.5]))
    trail.lift(np.array([500.0, 0.0, -1.5]))
    (piece,) = trail.pieces
    assert len(piece) == 100
