"""Long task lists, as long ones look: phases of ten sections of ten tasks, half of them done."""

from __future__ import annotations


def treed_list(count: int) -> str:
    """A treed list with `count` atomic tasks."""
    lines = ["# Tasks", ""]
    for number in range(count):
        phase, section, task = number // 100 + 1, number // 10 % 10 + 1, number % 10 + 1
        if number % 100 == 0:
            after = f" (Dependencies: Phase {phase - 1})" if phase > 1 else ""
            lines.append(f"Phase {phase} — Part {phase}{after}")
        if number % 10 == 0:
            after = f" (Dependencies: {phase}.{section - 1})" if section > 1 else ""
            lines.append(f"{phase}.{section} Section {section} of part {phase}{after}")
        box = "[x] " if number < count // 2 else ""
        link = f"[src/m{phase}/f{section}.py](src/m{phase}/f{section}.py:{task})"
        lines.append(f"{phase}.{section}.{task} {box}Build piece {number + 1} in {link} with its tests.")
        if number % 10 == 9:
            lines += _closing(f"{phase}.{section}")
    return "\n".join(lines) + "\n"


def _closing(section: str) -> list[str]:
    return [
        f"{section}.A Validate outputs of Task {section}",
        f"{section}.B Verify correctness of Task {section} against acceptance criteria",
        "    - <criterion 1: every piece answers>  [source: prd.md](docs/prd.md)",
        f"{section}.C Document results of Task {section} in task_outcomes.md",
    ]
