from pathlib import Path

import pytest

from dcpg_ros.assembly.extras import EXTRAS, extras_needed
from dcpg_ros.core.errors import DcpgError


@pytest.mark.parametrize("name", [*EXTRAS, "torch.nn"])
def test_missing_library_is_one_line_with_the_extra_that_brings_it(name):
    library = name.split(".")[0]
    with pytest.raises(DcpgError) as caught, extras_needed("four drones"):
        raise ModuleNotFoundError(name=name)
    line = f"four drones: found no {library}, allowed: pip install 'dcpg_ros[{EXTRAS[library]}]'"
    assert str(caught.value) == line


def test_every_extra_is_one_of_the_package():
    setup = (Path(__file__).parents[2] / "setup.py").read_text()
    for extra in EXTRAS.values():
        assert f'"{extra}": [' in setup


def test_module_of_our_own_that_is_missing_is_a_fault_and_shown_as_one():
    with pytest.raises(ModuleNotFoundError), extras_needed("four drones"):
        raise ModuleNotFoundError(name="dcpg_ros.learning.sarsa")
