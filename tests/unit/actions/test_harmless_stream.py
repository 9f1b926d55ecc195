"""The stream beside the muzzled one: whatever is written, and however it is cut, no line of it is a command."""

from __future__ import annotations

import io

import pytest

from devteam_action.actions.harmless_stream import HarmlessStream


@pytest.mark.parametrize(
    "parts",
    [
        ("::set-output name=a::b\n",),
        ("  ::error::x\n", "##[add-path]/evil\n"),
        (":", ":error::x\n"),
        ("plain ", "##", "[add-path]/evil\n"),
        ("a\r::set-env name=P::q\n",),
        ("::stop-commands::word",),
    ],
)
def test_no_command_comes_out_however_it_is_written(parts: tuple[str, ...]) -> None:
    out = io.StringIO()
    stream = HarmlessStream(out)
    for part in parts:
        stream.write(part)
        stream.flush()
    stream.close()
    lines = out.getvalue().replace("\r", "\n").split("\n")
    assert not any(line.lstrip().startswith("::") or "##[" in line for line in lines)
    assert out.getvalue().endswith("\n")


def test_other_text_comes_out_as_it_is() -> None:
    out = io.StringIO()
    stream = HarmlessStream(out)
    stream.write("one: two\n\n  three::four [x]\nend")
    stream.close()
    assert out.getvalue() == "one: two\n\n  three::four [x]\nend\n"
