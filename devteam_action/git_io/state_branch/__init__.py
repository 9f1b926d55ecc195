"""The state branch as a versioned store: `BranchStore` is all that others use."""

from devteam_action.git_io.state_branch.store import BranchStore

__all__ = ["BranchStore"]
