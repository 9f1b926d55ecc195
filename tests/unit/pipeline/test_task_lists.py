"""Which files are lists, how their ids are kept apart, and what is said when there is none."""

import pytest

from devteam_action.domain.config import TasksConfig
from devteam_action.errors import TaskListError, UnknownTask
from devteam_action.pipeline.task_lists import find_lists, local_id, read_lists

ONE = b"1.1 A\n1.1.1 First thing\n1.1.2 Second thing\n"


def reading(config, files):
    return read_lists(config, files.get, lambda: tuple(files), where="here")


@pytest.mark.parametrize(
    ("path", "files", "found"),
    [
        ((), ("tasks_list.md",), ("tasks_list.md",)),
        ((), ("tasks_list.md", "docs/DevTeam/tasks_list.md"), ("docs/DevTeam/tasks_list.md",)),
        ("plan.md", ("plan.md",), ("plan.md",)),
        (
            ("specs/*/tasks.md",),
            ("specs/a/tasks.md", "specs/a/b/tasks.md", "specs/c/tasks.md"),
            ("specs/a/tasks.md", "specs/c/tasks.md"),
        ),
        (("**/tasks.md",), ("tasks.md", "x/y/tasks.md"), ("tasks.md", "x/y/tasks.md")),
        (("b.md", "*.md"), ("a.md", "b.md"), ("b.md", "a.md")),
        ("gone.md", ("a.md",), ()),
    ],
)
def test_lists_are_found_in_the_order_of_the_config(path, files, found):
    content = dict.fromkeys(files, ONE)
    assert find_lists(TasksConfig(path=path), content.get, lambda: files) == found


def test_one_list_keeps_its_ids_as_written():
    assert [task.id for task in reading(TasksConfig(), {"tasks_list.md": ONE}).tasks] == ["1.1.1", "1.1.2"]


def test_several_lists_are_projects_with_names_of_their_own():
    files = {"specs/login/tasks.md": ONE, "specs/search/tasks.md": ONE}
    lists = reading(TasksConfig(path=("specs/*/tasks.md",)), files)
    assert [task.id for task in lists.tasks] == ["login:1.1.1", "login:1.1.2", "search:1.1.1", "search:1.1.2"]
    assert lists.task("search:1.1.2").dependencies == ("search:1.1.1",)
    assert local_id(lists.task("search:1.1.2")) == "1.1.2"


def test_lists_of_the_same_name_are_told_apart_by_their_path():
    lists = reading(TasksConfig(path=("a.md", "x/a.md")), {"a.md": ONE, "x/a.md": ONE})
    assert {task.id for task in lists.tasks} >= {"a:1.1.1", "x/a:1.1.1"}


def test_no_list_is_one_error_that_names_where_we_looked():
    with pytest.raises(TaskListError, match=r"no task list in here: docs/DevTeam/tasks_list\.md or tasks_list\.md"):
        reading(TasksConfig(), {})


def test_a_file_without_a_task_says_what_it_has_instead():
    with pytest.raises(TaskListError, match=r"no task found in tasks_list\.md"):
        reading(TasksConfig(), {"tasks_list.md": b"# Plan\n\nJust words.\n"})


def test_an_unknown_task_is_named():
    with pytest.raises(UnknownTask, match=r"there is no task 9\.9\.9 in tasks_list\.md"):
        reading(TasksConfig(), {"tasks_list.md": ONE}).task("9.9.9")
