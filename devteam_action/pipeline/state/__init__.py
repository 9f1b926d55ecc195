"""What is known about a project's tasks, runs and people's words, over any StateStore."""

from devteam_action.pipeline.state.project_state import ProjectState
from devteam_action.pipeline.state.records import (
    Answer,
    Damaged,
    Guidance,
    Injected,
    LedgerEntry,
    ProjectView,
    RunRecord,
)

__all__ = [
    "Answer",
    "Damaged",
    "Guidance",
    "Injected",
    "LedgerEntry",
    "ProjectState",
    "ProjectView",
    "RunRecord",
]
