"""The ICAO standard atmosphere up to 20 km, and what an altimeter makes of its pressure."""

from __future__ import annotations

import math

SEA_LEVEL_PA = 101325.0
SEA_LEVEL_K = 288.15
LAPSE_K_M = 0.0065
TROPOPAUSE_M = 11_000.0
HIGHEST_M = 20_000.0  # above, the values of this height are given
EARTH_RADIUS_M = 6_356_766.0
GAS_J_KG_K = 287.05287
EXPONENT = 9.80665 / (LAPSE_K_M * GAS_J_KG_K)  # 5.2559


def temperature(altitude_m: float) -> float:
    """T = 288.15 K - 6.5 K/km, and constant from 11 km on; K."""
    return SEA_LEVEL_K - LAPSE_K_M * min(_geopotential(altitude_m), TROPOPAUSE_M)


def pressure(altitude_m: float) -> float:
    """p = p0 (T / T0)^5.2559, and falling by exp(-g h / (R T)) from 11 km on; Pa."""
    height = _geopotential(altitude_m)
    kelvin = temperature(altitude_m)
    below = SEA_LEVEL_PA * math.pow(kelvin / SEA_LEVEL_K, EXPONENT)
    return below * math.exp(-9.80665 * max(height - TROPOPAUSE_M, 0.0) / (GAS_J_KG_K * kelvin))


def density(altitude_m: float) -> float:
    """rho = p / (R T); kg/m^3."""
    return pressure(altitude_m) / (GAS_J_KG_K * temperature(altitude_m))


def pressure_altitude(pascal: float) -> float:
    """The altitude at which the standard atmosphere has this pressure, by the altimeter's formula; m."""
    return (1 - math.pow(pascal / SEA_LEVEL_PA, 1 / EXPONENT)) * SEA_LEVEL_K / LAPSE_K_M


def _geopotential(altitude_m: float) -> float:
    """h = r z / (r + z), in which gravity is constant; m, at most what the formulas here hold for."""
    return min(EARTH_RADIUS_M * altitude_m / (EARTH_RADIUS_M + altitude_m), HIGHEST_M)
