import pytest

airsim = pytest.importorskip("airsim")
from msgpackrpc.error import RPCError  # noqa: E402


def test_wind_carries_a_falling_drone_away(client):
    client.simSetWind(airsim.Vector3r(0, 10, 0))
    client.simPause(True)
    client.armDisarm(False)
    client.simContinueForTime(0.4)
    while not client.simIsPause():
        pass
    velocity = client.simGetGroundTruthKinematics().linear_velocity
    assert velocity.y_val > 0.1
    assert velocity.z_val > 3
    with pytest.raises(RPCError, match="wind: found more than 100 m/s"):
        client.simSetWind(airsim.Vector3r(1000, 0, 0))


def test_weather_daylight_and_lamps_are_accepted(client):
    client.simEnableWeather(True)
    client.simSetWeatherParameter(airsim.WeatherParameter.Fog, 0.5)
    client.simSetTimeOfDay(True, "2020-01-01 12:00:00")
    assert client.simSetLightIntensity("PointLight_0", 10.0) is True
    assert client.simSetLightIntensity("crate", 10.0) is False
    with pytest.raises(RPCError, match="Invalid enum value 9"):
        client.simSetWeatherParameter(9, 0.5)
