import re

import pytest

from dcpg_ros.simulator.api.names import matching
from dcpg_ros.simulator.rpc import RpcError

NAMES = ["wall_7", "WALL_12", "()", "a", "aabbb", "g", "bcc", ")))", ""]


@pytest.mark.parametrize(
    "pattern", [r"wall_\d+", "[()]+a?", r"\)*", "a{2}b{1,3}", "a|b|c|d|e|f|g", "(?:a|b)c*", "(?i)wall.*", ""]
)
def test_patterns_match_as_the_re_module_does(pattern):
    expected = [name for name in NAMES if re.fullmatch(pattern, name, re.IGNORECASE)]
    assert matching(pattern, NAMES) == expected


@pytest.mark.parametrize(
    "pattern", ["(?#[)(a|aa)*b(?#])", "(?x)(a|aa) *b", ".*.*.*.*b", "(a|aa){9}", "(?P<x>a)", "(", "*"]
)
def test_others_are_refused(pattern):
    with pytest.raises(RpcError, match="name_regex"):
        matching(pattern, ["a" * 60])


def test_the_worst_that_is_allowed_does_not_take_long():
    worst = [f"{number}{'a' * 190}" for number in range(20_000)]
    with pytest.raises(RpcError, match="takes too long"):
        matching(".*.*.*b", worst)
