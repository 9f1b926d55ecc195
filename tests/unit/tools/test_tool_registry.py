from __future__ import annotations

import pytest

from devteam_action.errors import BadInput
from devteam_action.tools import TOOLS, tool_named


@pytest.mark.parametrize("name", sorted(TOOLS))
def test_a_tool_is_found_by_its_own_name(name: str) -> None:
    assert tool_named(name, {}).name == name


def test_an_unknown_tool_is_refused_with_the_names_of_those_there_are() -> None:
    with pytest.raises(BadInput, match="`claud`") as caught:
        tool_named("claud")
    assert caught.value.exit_code == 2
    assert all(name in caught.value.remedy for name in TOOLS)
