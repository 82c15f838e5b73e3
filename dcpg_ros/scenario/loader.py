"""The one loader of scenario files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from dcpg_ros.scenario.document import read_document, write_document
from dcpg_ros.scenario.drones import DroneEnvironment
from dcpg_ros.scenario.environments import read_environment
from dcpg_ros.scenario.graph import read_graph
from dcpg_ros.scenario.learners import read_learner
from dcpg_ros.scenario.neural import NeuralLearner
from dcpg_ros.scenario.scenario import DroneScenario, Exchange, Record, Scenario, TabularScenario
from dcpg_ros.scenario.section import Section, describe
from dcpg_ros.scenario.shipped import find_shipped

FILE_VERSION = 1
LONGEST_NAME = 100
AGENT_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9_]{0,62}")  # what ROS 2 takes for a namespace, one level deep


def load_scenario(path: Path | str, *, rounds: int | None = None, seed: int | None = None) -> Scenario:
    """Reads and validates a scenario; ``rounds`` and ``seed`` override what the file says.

    Raises:
        InputError: for anything wrong; one line names the file, the key, what was found, what is allowed.
    """
    path = Path(path)
    data = read_document(path)
    if isinstance(data, dict):
        data.update(
            {name: value for name, value in (("rounds", rounds), ("seed", seed)) if value is not None}
        )
    root = Section(str(path), "", data)
    root.integer("fileversion", at_least=FILE_VERSION, at_most=FILE_VERSION)
    name = root.text("name", path.stem[:LONGEST_NAME])
    if len(name) > LONGEST_NAME:
        raise root.refuse("name", f"{len(name)} characters", f"at most {LONGEST_NAME}")
    seed = root.integer("seed", 0, at_least=0, at_most=2**63 - 1)
    agents = _read_agents(root)
    environment = read_environment(root.section("environment"), len(agents))
    parts: dict[str, Any] = {
        "rounds": root.integer("rounds", at_least=1),
        "graph": read_graph(root.section("graph"), agents, seed),
        "exchange": _read_exchange(root.section("exchange", {"mode": "synchronous"})),
        "record": _read_record(root.section("record", {})),
    }
    kind: type[DroneScenario | TabularScenario]
    if isinstance(environment, DroneEnvironment):
        kind, parts["learner"] = DroneScenario, NeuralLearner.read(root.section("learner"))
    else:
        kind, parts["learner"] = TabularScenario, read_learner(root.section("learner"), environment)
    root.finish()
    text = write_document({"name": name, **data})
    return kind(name=name, text=text, seed=seed, agents=agents, environment=environment, **parts)


def find_scenario(name: str) -> Path:
    """The file of a scenario given by path, or by the bare name of one that comes with the package.

    Raises:
        InputError: if it is a bare name, and there is neither such a file nor such a scenario.
    """
    return find_shipped(name, "scenario")


def _read_agents(root: Section) -> tuple[str, ...]:
    value = root.raw("agents", allowed="{count: N} or a list of names")
    if isinstance(value, dict):
        section = root.section("agents")
        count = section.integer("count", at_least=1, at_most=100_000)
        section.finish()
        return tuple(f"agent_{index}" for index in range(count))
    names: list[str] = []
    for section in root.sections("agents", "{count: N} or a list of {name: …}"):
        allowed = "a name of letters, digits and _, each agent its own"
        name = section.text("name", allowed=allowed)
        if not AGENT_NAME.fullmatch(name) or name in names:
            raise section.refuse("name", describe(name), allowed)
        section.finish()
        names.append(name)
    if not names:
        raise root.refuse("agents", "an empty list", "at least one agent")
    return tuple(names)


def _read_exchange(section: Section) -> Exchange:
    exchange = Exchange(
        mode=section.choice("mode", ("synchronous",), "synchronous"),
        timeout_s=section.number("timeout_s", 60.0, above=0, at_most=86_400),
        retry_s=section.number("retry_s", 1.0, above=0, at_most=3_600),
    )
    section.finish()
    return exchange


def _read_record(section: Section) -> Record:
    record = Record(
        metrics_every=section.integer("metrics_every", 10, at_least=1),
        checkpoint_every=section.integer("checkpoint_every", 100, at_least=1),
    )
    section.finish()
    return record
