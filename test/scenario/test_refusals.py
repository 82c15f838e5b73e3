"""Bad scenarios, as people and accidents make them: one line says what is wrong, and nothing is done."""

import subprocess
import sys
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dcpg_ros.core.errors import InputError
from dcpg_ros.scenario import load_scenario
from dcpg_ros.scenario.document import MAX_BYTES

VALID = """\
fileversion: 1
name: three
seed: 7
rounds: 5
agents: [{name: ada}, {name: bob}, {name: cyd}]
graph: {edges: [[ada, bob], [bob, cyd]], weights: metropolis}
exchange: {mode: synchronous, timeout_s: 60.0, retry_s: 1.0}
environment:
  type: gridworld
  discount: 0.9
  horizon: 20
  episode_end: terminal
  start: S
  tasks:
    - map: |
        S.G
        .#.
    - map: |
        S..
        #.G
    - map: |
        S.#
        G..
learner:
  type: tabular
  gradient: exact
  episodes_per_round: 10
  step_size: {initial: 1.0, schedule: piecewise, steps: [[2, 0.5], [4, 0.1]]}
  regularisation: 0.1
  baseline: 0.0
  initial_theta: {entries: {"0,0": {up: 0.5}}, spread: 0.0}
record: {metrics_every: 1, checkpoint_every: 2}
"""
TWO_TASK = "type: two_task\n  example: stochastic\n"
GRIDWORLD = VALID[VALID.index("type: gridworld") : VALID.index("learner:")]
STEP_SIZE = "{initial: 1.0, schedule: piecewise, steps: [[2, 0.5], [4, 0.1]]}"
STEPS = "[[2, 0.5], [4, 0.1]]"
EDGES = "edges: [[ada, bob], [bob, cyd]]"
AGENTS = "[{name: ada}, {name: bob}, {name: cyd}]"
HUGE = "0x" + 5000 * "f"


class Wrong(NamedTuple):
    """One thing made wrong in the valid scenario, and what has to be said of it."""

    old: str
    new: str
    key: str
    found: str
    allowed: str


WRONG = [
    # what a scenario is made of
    Wrong("fileversion: 1", "fileversion: 2", "fileversion", "2", "1"),
    Wrong("fileversion: 1", "fileversion: true", "fileversion", "True", "1"),
    Wrong("fileversion: 1", "fileversion: '1'", "fileversion", "'1'", "1"),
    Wrong("fileversion: 1\n", "", "fileversion", "nothing", "1"),
    Wrong("seed: 7", "sede: 7", "sede", "an unknown key", "seed"),
    Wrong("seed: 7", "7: 7", "7", "an unknown key", "seed"),
    Wrong("seed: 7", "seed: true", "seed", "True", "a whole number"),
    Wrong("seed: 7", "seed: -1", "seed", "-1", ">= 0"),
    Wrong("seed: 7", "seed: 1.5", "seed", "1.5", "a whole number"),
    Wrong("seed: 7", "seed: '7'", "seed", "'7'", "a whole number"),
    Wrong("seed: 7", "seed: 9223372036854775808", "seed", "9223372036854775808", "<= 9.22"),
    Wrong("seed: 7", f"seed: {4000 * '9'}", "seed", "", "a whole number"),
    Wrong("seed: 7", f"seed: {HUGE}", "seed", "", "a whole number"),
    Wrong("seed: 7", f"lucky: {HUGE}", "lucky", "an unknown key", "seed"),
    Wrong("seed: 7", "seed: [7]", "seed", "a list of 1", "a whole number"),
    Wrong("seed: 7", "seed: {a: 7}", "seed", "a mapping", "a whole number"),
    Wrong("seed: 7", "seed:", "seed", "nothing", "a whole number"),
    Wrong("seed: 7", "seed: 2026-01-01", "seed", "2026-01-01", "a whole number"),
    Wrong("name: three", "name: 3", "name", "3", "text"),
    Wrong("rounds: 5", "rounds: -5", "rounds", "-5", ">= 1"),
    Wrong("rounds: 5", "rounds: 0", "rounds", "0", ">= 1"),
    Wrong("rounds: 5", "rounds: 5.0", "rounds", "5.0", "a whole number"),
    Wrong("rounds: 5", "rounds: 1000000001", "rounds", "1000000001", "a whole number"),
    Wrong("rounds: 5\n", "", "rounds", "nothing", ">= 1"),
    Wrong("record: {metrics_every: 1,", "record: {metrics_every: 0,", "record.metrics_every", "0", ">= 1"),
    Wrong(
        "checkpoint_every: 2", "checkpoint_evry: 2",
        "record.checkpoint_evry", "an unknown key", "metrics_every",
    ),
    Wrong("mode: synchronous", "mode: telepathic", "exchange.mode", "'telepathic'", "synchronous"),
    Wrong("timeout_s: 60.0", "timeout_s: 0", "exchange.timeout_s", "0", "> 0"),
    Wrong("timeout_s: 60.0", "timeout_s: .inf", "exchange.timeout_s", "inf", "a finite number"),
    Wrong("retry_s: 1.0", "retry_s: soon", "exchange.retry_s", "'soon'", "a finite number"),
    # agents
    Wrong(AGENTS, "{count: 0}", "agents.count", "0", ">= 1"),
    Wrong(AGENTS, "{count: 3, names: 3}", "agents.names", "an unknown key", "count"),
    Wrong(AGENTS, "3", "agents", "3", "a list"),
    Wrong(AGENTS, "[]", "agents", "an empty list", "at least one agent"),
    Wrong(AGENTS, "[ada, bob, cyd]", "agents[0]", "'ada'", "a mapping"),
    Wrong("{name: cyd}", "{name: ada}", "agents[2].name", "'ada'", "each agent its own"),
    Wrong("{name: cyd}", "{name: 3d}", "agents[2].name", "'3d'", "letters, digits"),
    Wrong("{name: cyd}", "{name: a/b}", "agents[2].name", "'a/b'", "letters, digits"),
    Wrong("{name: cyd}", "{name: ../cyd}", "agents[2].name", "'../cyd'", "letters, digits"),
    Wrong("{name: cyd}", "{name: ''}", "agents[2].name", "''", "letters, digits"),
    Wrong("{name: cyd}", '{name: "cyd\\n"}', "agents[2].name", "'cyd\\n'", "letters, digits"),
    Wrong("{name: cyd}", f"{{name: {64 * 'c'}}}", "agents[2].name", "'ccc", "letters, digits"),
    Wrong("{name: cyd}", "{nane: cyd}", "agents[2].name", "nothing", "letters, digits"),
    Wrong("{name: cyd}", "{name: cyd, age: 3}", "agents[2].age", "an unknown key", "name"),
    # graph
    Wrong("[bob, cyd]", "[bob, eve]", "graph.edges[1]", "[bob, eve]", "two different agents"),
    Wrong("[bob, cyd]", "[bob, bob]", "graph.edges[1]", "[bob, bob]", "two different agents"),
    Wrong("[bob, cyd]", "[bob]", "graph.edges[1]", "[bob]", "two different agents"),
    Wrong("[bob, cyd]", "[bob, cyd, ada]", "graph.edges[1]", "[bob, cyd, ada]", "two different agents"),
    Wrong("[bob, cyd]", "bob-cyd", "graph.edges[1]", "'bob-cyd'", "two different agents"),
    Wrong("[bob, cyd]", "[1, 2]", "graph.edges[1]", "[1, 2]", "two different agents"),
    Wrong("[bob, cyd]", f"[{HUGE}, bob]", "graph.edges[1]", "", "two different agents"),
    Wrong(EDGES, "edges: [[ada, bob]]", "graph.edges", "the graph is not connected", "a connected graph"),
    Wrong(EDGES, "edges: []", "graph.edges", "the graph is not connected", "a connected graph"),
    Wrong(EDGES, "edges: all", "graph.edges", "'all'", "pairs"),
    Wrong(EDGES, f"{EDGES}, topology: ring", "graph.edges", "edges beside a topology", "one of the two"),
    Wrong(EDGES, "topology: cube", "graph.topology", "'cube'", "ring, path, star"),
    Wrong(f"{EDGES}, ", "", "graph.topology", "nothing", "ring, path, star"),
    Wrong(EDGES, "topology: erdos_renyi, probability: 0", "graph.probability", "0", "> 0"),
    Wrong(
        EDGES, "topology: erdos_renyi, probability: 1e-9",
        "graph.probability", "no connected graph", "connected",
    ),
    Wrong("weights: metropolis", "weights: heavy", "graph.weights", "'heavy'", "lazy_metropolis"),
    Wrong(
        "weights: metropolis", "weights: uniform",
        "graph.weights", "not regular", "lazy_metropolis, metropolis",
    ),
    Wrong("weights: metropolis", "weights: [1]", "graph.weights", "a list of 1", "lazy_metropolis"),
    # environment
    Wrong("type: gridworld", "type: gridwrld", "environment.type", "'gridwrld'", "gridworld, two_task"),
    Wrong("  type: gridworld\n", "", "environment.type", "nothing", "gridworld, two_task"),
    Wrong(
        "        S.G\n        .#.", "        S.G\n        .#",
        "environment.tasks[0].map", "[3, 2]", "a rectangle",
    ),
    Wrong("S.#\n        G..", "S.#\n        ...", "environment.tasks[2].map", "without a goal", "one goal G"),
    Wrong("S.#\n        G..", "..#\n        G..", "environment.tasks[2].map", "no start S", "start S"),
    Wrong("S.#\n        G..", "S.#\n        Gx.", "environment.tasks[2].map", "'x'", "'#'"),
    Wrong("S.#\n        G..", "S.#", "environment.tasks[2].map", "without a goal", "one goal G"),
    Wrong("S.#\n        G..", "S.G", "environment.tasks[2].map", "1x3", "2x3"),
    Wrong("|\n        S.#\n        G..", "''", "environment.tasks[2].map", "an empty map", "a rectangle"),
    Wrong("|\n        S.#\n        G..", "{}", "environment.tasks[2].map", "a mapping", "a rectangle"),
    Wrong(
        "- map: |\n        S.#", "- maps: |\n        S.#",
        "environment.tasks[2].map", "nothing", "a rectangle",
    ),
    Wrong("    - map: |\n        S.#\n        G..\n", "", "environment.tasks", "2 tasks", "3, one per agent"),
    Wrong("{name: cyd}]", "{name: cyd}, {name: dan}]", "environment.tasks", "3 tasks", "4, one per agent"),
    Wrong("discount: 0.9", "discount: 1", "environment.discount", "1", "< 1"),
    Wrong("discount: 0.9", "discount: -0.1", "environment.discount", "-0.1", ">= 0"),
    Wrong("discount: 0.9", "discount: .nan", "environment.discount", "nan", "a finite number"),
    Wrong("horizon: 20", "horizon: 0", "environment.horizon", "0", ">= 1"),
    Wrong("horizon: 20", "horizon: 100001", "environment.horizon", "100001", "<= 100000"),
    Wrong("episode_end: terminal", "episode_end: never", "environment.episode_end", "'never'", "continuing"),
    Wrong("start: S", "start: T", "environment.start", "'T'", "S, uniform"),
    Wrong("start: S", "strat: S", "environment.strat", "an unknown key", "start"),
    Wrong(GRIDWORLD, TWO_TASK, "environment.tasks", "2 tasks", "3, one per agent"),
    Wrong(
        GRIDWORLD, TWO_TASK.replace("stochastic", "chaotic"),
        "environment.example", "'chaotic'", "stationary",
    ),
    Wrong(GRIDWORLD, f"{TWO_TASK}  p: 0.5\n", "environment.p", "0.5", "> 0.5"),
    # learner
    Wrong("type: tabular", "type: dreaming", "learner.type", "'dreaming'", "tabular"),
    Wrong("gradient: exact", "gradient: guessed", "learner.gradient", "'guessed'", "monte_carlo, exact"),
    Wrong("episodes_per_round: 10", "episodes_per_round: 0", "learner.episodes_per_round", "0", ">= 1"),
    Wrong("baseline: 0.0", "baseline: -.inf", "learner.baseline", "-inf", "a finite number"),
    Wrong("regularisation: 0.1", "regularisation: -0.1", "learner.regularisation", "-0.1", ">= 0"),
    Wrong(
        "regularisation: 0.1", "regularization: 0.1",
        "learner.regularization", "an unknown key", "regularisation",
    ),
    Wrong(f"step_size: {STEP_SIZE}", "step_size: 0", "learner.step_size", "0", "> 0"),
    Wrong(f"step_size: {STEP_SIZE}", "step_size: -3", "learner.step_size", "-3", "> 0"),
    Wrong(f"step_size: {STEP_SIZE}", "step_size: .nan", "learner.step_size", "nan", "a finite number > 0"),
    Wrong(
        f"step_size: {STEP_SIZE}", "step_size: 1e301",
        "learner.step_size", "1e+301", "a finite number > 0",
    ),
    Wrong(f"step_size: {STEP_SIZE}", "step_size: [1]", "learner.step_size", "a list of 1", "a finite number"),
    Wrong(f"  step_size: {STEP_SIZE}\n", "", "learner.step_size", "nothing", "> 0"),
    Wrong("initial: 1.0", "initial: 0.0", "learner.step_size.initial", "0.0", "> 0"),
    Wrong("initial: 1.0, ", "", "learner.step_size.initial", "nothing", "> 0"),
    Wrong(
        "schedule: piecewise", "schedule: random",
        "learner.step_size.schedule", "'random'", "inverse_sqrt",
    ),
    Wrong(
        "schedule: piecewise", "schedule: constant",
        "learner.step_size.steps", "an unknown key", "schedule",
    ),
    Wrong(STEP_SIZE, "{initial: 1, schedule: inverse}", "learner.step_size.time_constant", "nothing", "> 0"),
    Wrong(
        STEP_SIZE, "{initial: 1, schedule: geometric, time_constant: 1, decay: 2}",
        "learner.step_size.decay", "2", "<= 1",
    ),
    Wrong(STEPS, "[[4, 0.5], [2, 0.1]]", "learner.step_size.steps[1].round", "2", ">= 5"),
    Wrong(STEPS, "[[2, 0.5], [2, 0.1]]", "learner.step_size.steps[1].round", "2", ">= 3"),
    Wrong(STEPS, "[[2, 0.5], [4, 0]]", "learner.step_size.steps[1].value", "0", "> 0"),
    Wrong(STEPS, "[[2, 0.5, 1]]", "learner.step_size.steps[0]", "a list of 3", "pairs"),
    Wrong(STEPS, "{2: 0.5}", "learner.step_size.steps", "a mapping", "pairs"),
    Wrong(
        '{"0,0": {up: 0.5}}', '{"9,9": {up: 0.5}}',
        "learner.initial_theta.entries.9,9", "unknown state", "0,0 to 1,2",
    ),
    Wrong("{up: 0.5}", "{hop: 0.5}", "learner.initial_theta.entries.0,0.hop", "an unknown key", "up, down"),
    Wrong("{up: 0.5}", "{up: high}", "learner.initial_theta.entries.0,0.up", "'high'", "a finite number"),
    Wrong("{up: 0.5}", "0.5", "learner.initial_theta.entries.0,0", "0.5", "a mapping"),
    Wrong("spread: 0.0", "spread: -1", "learner.initial_theta.spread", "-1", ">= 0"),
    Wrong("spread: 0.0", "spraed: 1", "learner.initial_theta.spraed", "an unknown key", "spread"),
]  # fmt: skip


def label(wrong):
    return f"{wrong.key}: {wrong.new[:24].strip()!r}"


@pytest.fixture
def refused(tmp_path, dcpg):
    """Shows that every way to a scenario refuses it in one line and leaves nothing behind; the error."""

    def show(path):
        with pytest.raises(InputError) as caught:
            load_scenario(path)
        error, folder = caught.value, tmp_path / "run"
        line = str(error)
        assert len(line.splitlines()) == 1
        for command in (["check", path], ["simulate", path, "--output", folder]):
            status, out, err = dcpg(*command)
            assert (status, out, err) == (2, "", f"{line}\n")
        assert not folder.exists()
        return error

    return show


def test_the_text_that_is_made_wrong_is_right(tmp_path):
    path = tmp_path / "valid.yaml"
    path.write_text(VALID)
    assert load_scenario(path).agents == ("ada", "bob", "cyd")


@pytest.mark.parametrize("wrong", WRONG, ids=label)
def test_wrong_value_is_refused_by_name(wrong, tmp_path, refused):
    assert VALID.count(wrong.old) == 1, "a row of the table that does nothing"
    path = tmp_path / "wrong.yaml"
    path.write_text(VALID.replace(wrong.old, wrong.new))
    error = refused(path)
    assert (error.where, str(error.key)) == (str(path), wrong.key)
    assert wrong.found.replace("'", "") in str(error.found).replace("'", "")  # quoted or not
    assert wrong.allowed in error.allowed
    expected = f"{path}: {wrong.key}: found {error.found}, allowed: {error.allowed}"
    assert str(error)[:400] == " ".join(expected.split())[:400]


BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n"
NO_SCENARIO = {
    "empty": b"",
    "blank": b"\n  \n# nothing here\n",
    "a list": b"- fileversion: 1\n- seed: 7\n",
    "a word": b"scenario",
    "a number": b"1e-3",
    "two documents": b"a: 1\n---\nb: 2\n",
    "unclosed": b"agents: [{name: ada}",
    "unclosed quote": b'name: "three',
    "badly indented": b"a:\n    b: 1\n  c: 2\n",
    "tabs": b"environment:\n\ttype: gridworld\n",
    "control character": b"name: a\x07b\n",
    "zero byte": b"name: a\x00b\n",
    "latin-1": "name: Gr\xfcn\n".encode("latin-1"),
    "utf-16": VALID.encode("utf-16"),
    "binary": bytes(range(256)) * 8,
    "an ELF file": b"\x7fELF\x02\x01\x01" + bytes(64),
    "duplicate keys": f"{VALID}seed: 8\n".encode(),
    "nested duplicate keys": VALID.replace("horizon: 20", "horizon: 20\n  horizon: 30").encode(),
    "alias": b"a: &a 1\nb: *a\n",
    "alias bomb": BOMB.encode(),
    "merge of an alias": b"a: &a {b: 1}\nc: {<<: *a}\n",
    "deep nesting": b"a: " + b"[" * 200 + b"]" * 200,
    "deep unclosed nesting": b"{a: " * 20_000,
    "deep blocks": b"".join(b" " * depth + b"a:\n" for depth in range(200)),
    "complex key": b"? [a, b]\n: 1\n",
    "a key that is a mapping": b"{{a: 1}: 2}\n",
    "python object": b"seed: !!python/object/apply:os.system ['touch /tmp/dcpg_was_here']\n",
    "python name": b"seed: !!python/name:os.system\n",
    "unknown tag": b"seed: !seed 7\n",
    "bad integer": b"seed: !!int seven\n",
    "empty integer": b"seed: !!int ''\n",
    "bad float": b"seed: !!float seven\n",
    "empty float": b"seed: !!float ''\n",
    "bad boolean": b"seed: !!bool perhaps\n",
    "bad timestamp": b"seed: !!timestamp yesterday\n",
    "impossible date": b"seed: 2026-13-32\n",
    "bad base64": b"seed: !!binary '\xc3\xa9'\n",
    "a list called a mapping": b"seed: !!map [1, 2]\n",
    "a word called a mapping": b"seed: !!map word\n",
    "a list called a set": b"seed: !!set [1, 2]\n",
    "a mapping called a list": b"seed: !!seq {a: 1}\n",
    "an endless decimal": b"seed: " + b"1" * 100_000 + b"\n",
    "an endless sexagesimal": b"seed: 1" + b":00" * 300 + b".5\n",
    "reserved character": b"seed: @7\n",
    "directive": b"%YAML 9.9\n---\na: 1\n",
    "too large": VALID.encode() + b"#" * MAX_BYTES,
}


@pytest.mark.parametrize("content", NO_SCENARIO.values(), ids=NO_SCENARIO)
def test_file_that_is_no_scenario_is_refused(content, tmp_path, refused):
    path = tmp_path / "file.yaml"
    path.write_bytes(content)
    error = refused(path)
    assert error.where == str(path)
    assert error.allowed


@pytest.mark.parametrize("kind", ["missing", "folder", "name too long", "below a file"])
def test_path_that_is_no_file_is_refused(kind, tmp_path, refused):
    (tmp_path / "file").write_text(VALID)
    (tmp_path / "folder").mkdir()
    paths = {"below a file": "file/scenario.yaml", "name too long": 300 * "a"}
    path = tmp_path / paths.get(kind, kind)
    assert refused(path).where == str(path)


def test_refused_twice_over_when_the_override_is_wrong(tmp_path, dcpg):
    path = tmp_path / "valid.yaml"
    path.write_text(VALID)
    for arguments, key in ((["--rounds", "0"], "rounds"), (["--seed", "-1"], "seed")):
        status, out, err = dcpg("simulate", path, "--output", tmp_path / "run", *arguments)
        assert (status, out) == (2, "")
        assert err.startswith(f"{path}: {key}: found ")
        assert err.count("\n") == 1
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("command", ["check", "simulate"])
def test_the_real_command_says_one_line_and_exits_with_2(command, tmp_path):
    path, folder = tmp_path / "wrong.yaml", tmp_path / "run"
    path.write_text(VALID.replace("rounds: 5", "rounds: many"))
    arguments = [command, str(path), *(["--output", str(folder)] if command == "simulate" else [])]
    command_line = [sys.executable, "-m", "dcpg_ros.cli.main", *arguments]
    done = subprocess.run(command_line, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"{path}: rounds: found 'many', allowed: a whole number >= 1\n"
    assert not folder.exists()


SHORT = """
-1 0 1 1e9 1e400 .nan -.inf true null ~ '' [] {} [[]] 0x10 0o7 1:30 2026-01-01 &x *x | > ? ! % @ `
S 'open é = << --- ... [1 {a !!str
"""
NASTY = [*SHORT.split(), "", "\t", "\u2028", "- -", "!!set {a}", "&x 1", "# gone", 70 * "9", 90 * "é"]
LINES = len(VALID.splitlines())
BYTES = len(VALID.encode())
LINE, POSITION = st.integers(0, LINES - 1), st.integers(0, BYTES - 1)
MUTATIONS = st.lists(
    st.one_of(
        st.tuples(st.just("flip"), POSITION, st.integers(1, 255)),
        st.tuples(st.just("delete"), LINE, LINE),
        st.tuples(st.just("repeat"), LINE, LINE),
        st.tuples(st.just("swap"), LINE, LINE),
        st.tuples(st.just("indent"), LINE, st.integers(-4, 4)),
        st.tuples(st.just("value"), LINE, st.sampled_from(NASTY)),
        st.tuples(st.just("insert"), POSITION, st.sampled_from(NASTY)),
        st.tuples(st.just("cut"), POSITION, st.none()),
    ),
    min_size=1,
    max_size=4,
)


def mutate(text, how, where, what):
    lines = text.splitlines(keepends=True) or [""]
    line, position = where % len(lines), where % max(len(text), 1)
    if how == "flip":
        raw = bytearray(text.encode())
        if raw:
            raw[position % len(raw)] ^= what
        return raw.decode(errors="replace")
    if how == "insert":
        return text[:position] + what + text[position:]
    if how == "cut":
        return text[:position]
    if how == "delete":
        del lines[line]
    elif how == "repeat":
        lines.insert(what % len(lines), lines[line])
    elif how == "swap":
        other = what % len(lines)
        lines[line], lines[other] = lines[other], lines[line]
    elif how == "indent":
        lines[line] = " " * what + lines[line][max(0, -what) :]
    elif how == "value":
        lines[line] = f"{lines[line].split(':')[0]}: {what}\n"
    return "".join(lines)


@given(MUTATIONS)
@settings(max_examples=250)
def test_mutated_scenario_loads_or_is_refused(scratch, mutations):
    text = VALID
    for mutation in mutations:
        text = mutate(text, *mutation)
    load_or_refuse(scratch / "mutated.yaml", text.encode())


@given(st.lists(st.tuples(POSITION, st.integers(1, 255)), min_size=1, max_size=3))
@settings(max_examples=100)
def test_scenario_with_flipped_bits_loads_or_is_refused(scratch, flips):
    raw = bytearray(VALID.encode())
    for position, mask in flips:
        raw[position] ^= mask
    load_or_refuse(scratch / "flipped.yaml", bytes(raw))


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
@settings(max_examples=100)
def test_noise_is_refused(scratch, noise):
    path = scratch / "noise.yaml"
    path.write_bytes(noise)
    with pytest.raises(InputError):
        load_scenario(path)


def load_or_refuse(path, content):
    """Nothing but InputError comes out; and what loads can be written into a run folder and loads again."""
    path.write_bytes(content)
    try:
        scenario = load_scenario(path)
    except InputError as error:
        line = str(error)
    else:
        again = path.with_suffix(".again.yaml")
        again.write_text(scenario.text)
        assert load_scenario(again).text == scenario.text
        return
    assert len(line.splitlines()) == 1
    assert line.startswith(f"{path}: ")
