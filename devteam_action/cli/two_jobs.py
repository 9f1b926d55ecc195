"""Whether jobs of this project hand their work over to others: such a job holds no claim that anybody could see."""

from __future__ import annotations

from devteam_action.project import Project

_WORKFLOWS = ".github/workflows/"


def hands_over(project: Project) -> bool:
    """Whether a workflow of the base branch says so (the hardened form that `devteam init` writes does)."""
    files = (path for path in project.list_files() if path.startswith(_WORKFLOWS))
    return any(b"DEVTEAM_HAND_OVER" in (project.read_file(path) or b"") for path in files)
