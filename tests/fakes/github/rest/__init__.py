"""The REST operations, one module per subject; importing this registers them all."""

from tests.fakes.github import graphql
from tests.fakes.github.rest import actions, checks, git, issues, pulls, repositories

MODULES = (actions, checks, git, graphql, issues, pulls, repositories)
