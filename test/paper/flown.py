"""Trainings and test flights of Table 1 that take no time."""

import json

import numpy as np

from dcpg_ros.agent.metrics import MetricsLog, MetricsRow
from dcpg_ros.agent.run_folder import RunFolder
from dcpg_ros.analysis.safe_flights import SafeFlights, write_flights

TRAINING_S, STEPS = 120.0, 64  # of a training: how long it took, and what an agent did in it


def flights_of(policies, msf_m, flights, capped=0, worlds=None):
    """Flights of these policies, alike but for the first ones, which are ``capped``."""
    distances = np.broadcast_to(np.array(msf_m, float)[:, :, None], (*np.shape(msf_m), flights))
    ended = np.broadcast_to(np.arange(flights) < capped, distances.shape)
    worlds = worlds or tuple(f"world_{index}" for index in range(distances.shape[1]))
    return SafeFlights(tuple(policies), worlds, distances.copy(), ended.copy())


def write_training(run):
    """The folder of a training that is finished."""
    folder = RunFolder.create(run.folder.path, run.wanted.read_text())
    with MetricsLog(folder.metrics) as log:
        row = MetricsRow(run.rounds, "agent_0", 1.0, 2.0, 0, 0, TRAINING_S, 0, 0)
        log.write([row._replace(environment_steps=STEPS)])
    folder.summary.write_text(json.dumps({"finished": True, "rounds": run.rounds}))


def write_test(test, flights):
    """The same flights, whether actions are sampled or not."""
    test.flown.parent.mkdir(parents=True, exist_ok=True)
    write_flights(test.flown, {"sampled": flights, "greedy": flights})
