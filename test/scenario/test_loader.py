from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcpg_ros.core.errors import InputError
from dcpg_ros.core.graphs import TOPOLOGIES
from dcpg_ros.core.weights import dense
from dcpg_ros.scenario import find_scenario, load_scenario
from dcpg_ros.scenario.document import read_document
from dcpg_ros.scenario.scenario import TabularScenario

SHIPPED = sorted((Path(__file__).parents[2] / "config" / "scenarios").glob("*.yaml"))


def assert_same(scenario, other):
    for name in ("name", "seed", "rounds", "agents", "exchange", "record", "environment", "learner", "text"):
        assert getattr(scenario, name) == getattr(other, name), name
    assert (scenario.graph.topology, scenario.graph.rule) == (other.graph.topology, other.graph.rule)
    np.testing.assert_array_equal(dense(scenario.graph.weights), dense(other.graph.weights))
    if isinstance(scenario, TabularScenario):  # theta^0 of a network is not the scenario's
        np.testing.assert_array_equal(scenario.initial_theta, other.initial_theta)


def load_text(folder, text, **overrides):
    path = folder / "written.yaml"
    path.write_text(text)
    return load_scenario(path, **overrides)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_scenario_loads_and_its_text_is_the_same_scenario(path, tmp_path):
    scenario = load_scenario(path)
    assert scenario.name == path.stem
    assert_same(load_text(tmp_path, scenario.text), scenario)


@given(
    size=st.integers(1, 6),
    topology=st.sampled_from(TOPOLOGIES),
    rule=st.sampled_from(["lazy_metropolis", "metropolis", "max_degree"]),
    seed=st.integers(0, 2**63 - 1),
    rounds=st.integers(1, 10**9),
    alpha=st.floats(1e-300, 1e299),
    spread=st.floats(0, 10),
    timeout=st.floats(1e-9, 86_400),
)
def test_text_of_any_scenario_loads_as_the_same_scenario(
    make_scenario, scratch, size, topology, rule, seed, rounds, alpha, spread, timeout
):
    scenario = make_scenario(
        size,
        seed=seed,
        rounds=rounds,
        graph={"topology": topology, "weights": rule},
        learner__step_size=alpha,
        learner__initial_theta={"spread": spread},
        exchange={"timeout_s": timeout},
    )
    assert (scenario.seed, scenario.rounds) == (seed, rounds)
    assert_same(load_text(scratch, scenario.text), scenario)


NAMES = st.text(
    st.characters(max_codepoint=0xFFFF, codec="utf-8"), max_size=20
)  # JSON writes others in halves


@given(NAMES | st.sampled_from(["1e5", "null", "0x10", "2026-01-01", "yes", " a\n  b\n", "$x^^$"]))
def test_any_name_travels_with_the_text(make_scenario, scratch, name):
    scenario = make_scenario(1, name=name)
    assert scenario.name == name
    assert load_text(scratch, scenario.text).name == name


@pytest.mark.parametrize("stem", ["my_scenario", "1e5", "2026-01-01", "007", "null", "a b", "été"])
def test_name_is_that_of_the_file_unless_it_is_given_and_travels_with_the_text(
    stem, write_scenario, tmp_path
):
    path = tmp_path / f"{stem}.yaml"
    path.write_bytes(write_scenario().read_bytes())
    scenario = load_scenario(path)
    assert scenario.name == stem
    assert load_text(tmp_path, scenario.text).name == stem


def test_overrides_count_and_travel_with_the_text(write_scenario, tmp_path):
    path = write_scenario(seed=1, rounds=2)
    assert (load_scenario(path).seed, load_scenario(path).rounds) == (1, 2)
    scenario = load_scenario(path, rounds=40, seed=30)
    assert (scenario.seed, scenario.rounds) == (30, 40)
    assert_same(load_text(tmp_path, scenario.text), scenario)
    assert load_text(tmp_path, scenario.text, rounds=41).rounds == 41
    assert load_scenario(path, seed=0).seed == 0


@pytest.mark.parametrize(("overrides", "key"), [({"rounds": 0}, "rounds"), ({"seed": -1}, "seed")])
def test_wrong_override_is_refused_by_its_name(overrides, key, write_scenario):
    with pytest.raises(InputError, match=f": {key}: found "):
        load_scenario(write_scenario(), **overrides)


def test_override_of_what_is_no_mapping_is_refused(tmp_path):
    with pytest.raises(InputError, match="found a list of 1, allowed: a mapping"):
        load_text(tmp_path, "- 1", rounds=3)


def test_agents_are_numbered_unless_they_are_named(make_scenario):
    assert make_scenario(3).agents == ("agent_0", "agent_1", "agent_2")
    scenario = make_scenario(2, agents=[{"name": "Zoe"}, {"name": "a_1"}])
    assert scenario.agents == ("Zoe", "a_1")
    assert [scenario.index(name) for name in scenario.agents] == [0, 1]


@given(st.text(max_size=6) | st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,70}", fullmatch=True))
def test_agent_name_is_a_ros_name(make_scenario, name):
    ascii_word = name.isascii() and name.replace("_", "a").isalnum()
    if ascii_word and name[0].isalpha() and len(name) <= 63:
        assert make_scenario(1, agents=[{"name": name}]).agents == (name,)
    else:
        with pytest.raises(InputError, match=r"agents\[0\]\.name"):
            make_scenario(1, agents=[{"name": name}])


def test_defaults(make_scenario):
    scenario = make_scenario(record={}, exchange={})
    assert (scenario.record.metrics_every, scenario.record.checkpoint_every) == (10, 100)
    assert (scenario.exchange.mode, scenario.exchange.timeout_s, scenario.exchange.retry_s) == (
        "synchronous",
        60,
        1,
    )


def test_scenario_is_found_by_path_before_it_is_found_by_name(tmp_path, monkeypatch):
    share = tmp_path / "share" / "dcpg_ros" / "config" / "scenarios"
    share.mkdir(parents=True)
    (share / "installed.yaml").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AMENT_PREFIX_PATH", f"/nowhere:{tmp_path}:")
    assert find_scenario("installed") == share / "installed.yaml"
    assert find_scenario("installed.yaml") == Path("installed.yaml")  # a path, right or wrong
    assert find_scenario("folder/installed") == Path("folder/installed")
    Path("installed").mkdir()  # a run folder of this name, say
    assert find_scenario("installed") == share / "installed.yaml"
    Path("installed").rmdir()
    Path("installed").write_text("")
    assert find_scenario("installed") == Path("installed")


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_scenario_is_found_by_its_bare_name_anywhere(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert find_scenario(path.stem).samefile(path)


def test_unknown_name_is_refused_with_those_that_there_are(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"^no_such_scenario: found .* allowed: .*\btheorem2\b"):
        find_scenario("no_such_scenario")


def test_shipped_scenarios_say_their_file_version_first():
    assert SHIPPED
    assert {next(iter(read_document(path))) for path in SHIPPED} == {"fileversion"}
