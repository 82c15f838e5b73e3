import pytest

from dcpg_ros.core.errors import InputError


def test_a_drone_that_settings_put_inside_a_body_is_refused(serve_room):
    inside = {"Vehicles": {"A": {"X": 0}, "B": {"X": 5.2, "Y": 2.5, "Z": 1.0}}}
    with pytest.raises(InputError, match=r"Vehicles.B: found a drone .* inside crate, allowed: room for a"):
        serve_room(inside)


def test_a_drone_may_stand_on_the_floor(serve_room):
    drones = serve_room({"Vehicles": {"A": {"X": 0, "Y": 0, "Z": 1.25}}}).simulation.drones
    assert drones["A"].vehicle.landed
