"""The table in the docs, the registry, and the methods that the airsim client calls name the same methods."""

import inspect
import re
from pathlib import Path

import pytest

from dcpg_ros.simulator.api import FAMILIES
from dcpg_ros.simulator.rpc import Registry

DOCS = Path(__file__).parents[3] / "docs" / "simulator_api.md"


@pytest.fixture(scope="module")
def tables():
    """For each family, what the docs say of its methods; and the methods left out."""
    sections = {}
    for section in re.split(r"^## ", DOCS.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        title, _, body = section.partition("\n")
        sections[title] = dict(re.findall(r"^\| (\w+) \| (\w+) \|", body, flags=re.MULTILINE)) or set(
            re.findall(r"`(\w+)`", body)
        )
    return sections


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
def test_the_docs_table_every_method_of_a_family(tables, family):
    assert set(tables[family.__name__]) == Registry(family(None)).names


def test_every_method_is_modelled_simplified_or_accepted(tables):
    said = {word for family in FAMILIES for word in tables[family.__name__].values()}
    assert said == {"modelled", "simplified", "accepted"}


def test_what_is_left_out_is_not_there(tables):
    names = Registry(*(family(None) for family in FAMILIES)).names
    assert not names & tables["Left out on purpose"]


def test_every_method_of_the_airsim_client_is_there_or_left_out(tables):
    airsim = pytest.importorskip("airsim")
    source = inspect.getsource(inspect.getmodule(airsim.MultirotorClient))
    called = set(re.findall(r"""call(?:_async)?\(\s*["'](\w+)["']""", source))
    assert len(called) > 100
    names = Registry(*(family(None) for family in FAMILIES)).names
    assert called <= names | tables["Left out on purpose"]
