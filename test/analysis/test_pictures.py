import numpy as np
import pytest
from matplotlib import colors, image
from matplotlib.figure import Figure

from dcpg_ros.analysis import curves, pictures
from dcpg_ros.analysis.pictures import BOTH, GOAL, OBSTACLE, VISITED, draw, draw_grid
from dcpg_ros.analysis.results import load_results
from dcpg_ros.assembly.beginning import begin_run
from dcpg_ros.assembly.simulation import simulate
from dcpg_ros.core.task import most_followed_path


def results_of(path, folder, **options):
    begun = begin_run(path, folder)
    simulate(*begun, **options)
    return load_results(begun.scenario, begun.folder), begun.folder


def share(pixels, colour):
    """How much of a picture has this colour."""
    return np.isclose(pixels[..., :3], colors.to_rgb(colour), atol=0.01).all(axis=-1).mean()


def is_drawn(path):
    """A picture of some size, mostly but not only background."""
    pixels = image.imread(path)
    background = share(pixels, "white")
    return min(pixels.shape[:2]) > 100 and 0.01 < 1 - background < 0.9 and pixels.std() > 0.02


@pytest.mark.parametrize("size", [1, 3, 17, 33])
def test_run_of_any_size_is_drawn(write_scenario, tmp_path, size):
    results, folder = results_of(write_scenario(size, rounds=4), tmp_path)
    paths = draw(results, folder)
    assert {path.name for path in paths} == {"policy.png", "learning.png"}
    assert all(path.parent == folder.path for path in paths)
    assert is_drawn(folder.path / "learning.png")
    cells = image.imread(folder.path / "policy.png")
    both = size > 8  # then every cell but the start is a goal of one task and an obstacle of another
    assert share(cells, BOTH if both else GOAL) > 0.02


def test_run_without_a_single_round_is_drawn(write_scenario, tmp_path):
    results, folder = results_of(write_scenario(2), tmp_path, stop=lambda: True)
    assert len(draw(results, folder)) == 2


def test_cells_have_the_colours_of_what_is_in_them(make_scenario, tmp_path):
    tasks = [
        {"map": "S...G\n.....\n#....\n"},
        {"map": "S....\n....G\n#....\n"},
        {"map": "S...#\nG....\n.....\n"},
    ]
    scenario = make_scenario(3, environment__tasks=tasks)
    figure = Figure(figsize=(5, 3))
    axes = figure.add_axes((0, 0, 1, 1))
    draw_grid(axes, scenario.tasks, [0, 1, 2, 3])
    fill = {}
    for patch in axes.patches:
        column, row = patch.get_xy()
        fill[int(row), int(column)] = colors.to_hex(patch.get_facecolor())
    assert len(fill) == 15
    special = {(0, 4): BOTH, (1, 4): GOAL, (1, 0): GOAL, (2, 0): OBSTACLE}
    path = dict.fromkeys([(0, 0), (0, 1), (0, 2), (0, 3)], VISITED)
    for cell, colour in fill.items():
        assert colour == {**special, **path}.get(cell, "#ffffff"), cell
    said = {(text.get_text(), text.get_color()) for text in axes.texts}
    assert said == {("0", "white"), ("2", "black"), ("1", "white"), ("2", "white"), ("0,1", "black")}
    figure.savefig(tmp_path / "grid.png")
    pixels = image.imread(tmp_path / "grid.png")
    assert share(pixels, VISITED) > share(pixels, OBSTACLE) > 0.01


def test_path_in_the_picture_is_the_one_that_is_followed_most(write_scenario, tmp_path):
    results, _ = results_of(write_scenario(3, rounds=30), tmp_path)
    scenario = results.scenario
    [axes] = pictures.policy_figure(results).axes
    path = most_followed_path(scenario.tasks, results.mean_policy, scenario.environment.horizon)
    drawn = axes.lines[0].get_xydata()
    np.testing.assert_array_equal(drawn, [(state % 3 + 0.5, state // 3 + 0.5) for state in path])
    assert axes.get_title() == scenario.name


@pytest.mark.parametrize(("size", "lines"), [(3, 3), (16, 16), (17, 1)])
def test_curves_are_the_logged_numbers(write_scenario, tmp_path, size, lines):
    results, _ = results_of(write_scenario(size, rounds=5), tmp_path)
    above, below = curves.learning_figure(results).axes
    assert len(above.lines) == len(below.lines) == lines
    for axes, column in ((above, "return_"), (below, "disagreement")):
        logged = np.array(
            [[getattr(row, column) for row in results.metrics if row.round == k] for k in range(1, 6)]
        )
        drawn = np.stack([line.get_ydata() for line in axes.lines], axis=1)
        np.testing.assert_allclose(drawn, logged if size <= 16 else logged.mean(axis=1, keepdims=True))
        np.testing.assert_array_equal(axes.lines[0].get_xdata(), [1, 2, 3, 4, 5])


@pytest.mark.parametrize("name", ["$x^^$", "a$b", "\\frac{1}{2}$", "n" * 100, "two\nlines", "", "été 日本"])
@pytest.mark.filterwarnings("ignore:Glyph")
def test_scenario_of_any_name_is_drawn(write_scenario, tmp_path, name):
    results, folder = results_of(write_scenario(2, rounds=1, name=name), tmp_path)
    for path in draw(results, folder):
        assert is_drawn(path)
