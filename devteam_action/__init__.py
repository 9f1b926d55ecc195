"""DevTeam Action: from a repository's task list to reviewed, verified commits."""

__version__ = "0.1.0"
