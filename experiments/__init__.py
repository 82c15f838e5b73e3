"""The paper's claims, measured: each module writes one figure and one table below ``docs/``."""
