"""`devteam action`: one job of GitHub Actions, from its event to its outputs."""
