import dataclasses

import numpy as np
import pytest
from numpy.testing import assert_allclose

from dcpg_ros.agent.memory import Remembering
from dcpg_ros.assembly.drones import DroneFamily
from dcpg_ros.assembly.family import family_of
from dcpg_ros.assembly.parts import initial_state
from dcpg_ros.assembly.simulation import build_engines
from dcpg_ros.assembly.tabular import TabularFamily
from dcpg_ros.core.errors import DcpgError
from dcpg_ros.scenario import Scenario, load_scenario


def test_family_is_that_of_the_scenario(make_scenario, write_drones):
    assert isinstance(family_of(make_scenario()), TabularFamily)
    assert isinstance(family_of(load_scenario(write_drones())), DroneFamily)


def test_scenario_of_no_family_is_refused(make_scenario):
    fields = {field.name for field in dataclasses.fields(Scenario)}
    scenario = make_scenario()
    stranger = Scenario(**{name: getattr(scenario, name) for name in fields})
    with pytest.raises(DcpgError, match="generated: found a Scenario"):
        family_of(stranger)


def test_table_is_judged_by_its_exact_value(make_scenario):
    scenario = make_scenario(3, learner__initial_theta={"spread": 1.0})
    family = family_of(scenario)
    engines = build_engines(scenario, [initial_state(scenario) for _ in scenario.agents])
    weight = np.exp(scenario.initial_theta)
    policy = weight / weight.sum(axis=1, keepdims=True)
    for engine, task in zip(engines, scenario.tasks, strict=True):
        transitions = np.einsum("sa,sat->st", policy, task.mdp.transitions)
        reward = (policy * (task.mdp.probability * task.mdp.reward).sum(axis=2)).sum(axis=1)
        value = np.linalg.solve(np.eye(9) - task.mdp.discount * transitions, reward)
        assert_allclose(family.judge(engine), task.mdp.rho @ value, rtol=1e-12)


@pytest.mark.parametrize("gradient", ["exact", "monte_carlo"])
def test_tables_have_nothing_to_remember(make_scenario, gradient):
    """Else their checkpoints would grow."""
    family = family_of(make_scenario(learner__gradient=gradient))
    assert not isinstance(family.learner(0), Remembering)
    assert not isinstance(family.environment(0), Remembering)
