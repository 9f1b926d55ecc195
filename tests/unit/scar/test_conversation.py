"""Ids of conversations: stable, ours alone, and never one that means everybody's."""

from __future__ import annotations

import uuid

import pytest

from devteam_action.errors import BadInput
from devteam_action.scar.conversation import conversation_of, path_of, project_id_of


def test_a_projects_name_always_gives_the_same_id():
    assert project_id_of("acme/app") == project_id_of(" acme/app ") == "0dd71c40-aee0-5b71-b7a3-30140ab9f891"
    assert uuid.UUID(project_id_of("acme/app")).version == 5
    assert project_id_of("acme/app") != project_id_of("acme/apps")


def test_a_conversation_is_the_prefix_and_the_project():
    assert conversation_of("pm-project-", "a1") == "pm-project-a1"


@pytest.mark.parametrize(
    ("prefix", "project"),
    [
        ("", "a1"),
        ("pm-", ""),
        ("pm-", "a/b"),
        ("pm-", "a b"),
        ("pm-", "ä"),
        ("pm-", "x" * 98),
        ("pm-", "a\n"),
        ("p%", "a"),
    ],
)
def test_an_id_that_the_server_would_take_amiss_is_refused(prefix, project):
    with pytest.raises(BadInput):
        conversation_of(prefix, project)


def test_a_project_without_a_name_has_none():
    with pytest.raises(BadInput):
        project_id_of("  ")


@pytest.mark.parametrize(
    ("conversation", "path"),
    [
        ("pm-project-a1", "/test/messages/pm-project-a1"),
        ("a/b c%#?", "/test/messages/a%2Fb%20c%25%23%3F"),
        ("ä", "/test/messages/%C3%A4"),
    ],
)
def test_an_id_is_encoded_in_a_path(conversation, path):
    assert path_of(conversation) == path


@pytest.mark.parametrize("conversation", ["", ".", ".."])
def test_a_path_that_means_all_conversations_is_never_made(conversation):
    with pytest.raises(BadInput):
        path_of(conversation)
