"""A task's pull request: opened as the branch begins, ready when its work is proved, marked when a person is needed."""

from __future__ import annotations

import msgspec

from devteam_action.domain.events import Completed, Failed
from devteam_action.domain.results import Prepared, Published, StageFailed
from devteam_action.domain.run import Run, needs_a_person
from devteam_action.errors import DevteamError, Missing, StateConflict
from devteam_action.pipeline.forge import Forge, NoPullRequest, PullRequest
from devteam_action.pipeline.messages import start_message
from devteam_action.pipeline.session import Session


def open_pull_request(run: Run, prepared: Prepared, session: Session) -> Prepared:
    """The branch with a commit of its own on the remote and an open pull request, or with a note why there is none.

    Again is harmless: what is there is found. A pull request that was closed unmerged gets a successor.
    """
    assert run.options is not None
    workspace, base_branch = session.ports.workspace, run.options.base_branch
    tip = workspace.base_tip(base_branch)
    if tip is not None and workspace.merge_base(prepared.head, tip) == prepared.head:
        prepared = msgspec.structs.replace(prepared, head=workspace.start(prepared, start_message(run)))
    if not _has_more(run, prepared, session):
        workspace.deliver(
            prepared,
            base_branch,
            prepared.head,
            merge=False,
            push=True,
            expected_remote=session.execution.head or None,
        )
    opened = _open(run, prepared.branch, session, _known(run, session))
    if isinstance(opened, NoPullRequest):
        return msgspec.structs.replace(prepared, note=opened.reason, link=opened.link)
    return msgspec.structs.replace(prepared, pull_request=opened.number, link=opened.url)


def _has_more(run: Run, prepared: Prepared, session: Session) -> bool:
    """Whether a tool of ours has pushed on top of this head what nobody took in: it may stay for the next attempt."""
    assert run.task is not None
    workspace, left = session.ports.workspace, session.ports.state.left_of(run.task.id)
    is_there = bool(left) and workspace.remote_head_of(prepared.branch) == left
    return is_there and workspace.merge_base(prepared.head, left) == prepared.head


def hand_over(run: Run, head: str, session: Session) -> Published | StageFailed:
    """The pushed `head` is ready for review, and what the repository's CI does with it is known.

    A pull request that a person closed while the work went on is not opened anew behind their back.
    """
    known = _known(run, session)
    if known is not None and known.state == "closed":
        return StageFailed(
            code="pull-request-closed",
            reason=f"pull request #{known.number} was closed while the work went on",
            hint="`/devteam retry` opens another one with this work; `/devteam skip` goes on without the task",
        )
    opened = _open(run, run.branch, session, known)
    if isinstance(opened, NoPullRequest):
        return Published(head=head, pushed=True, note=opened.reason, link=opened.link)
    forge = forge_of(session)
    forge.make_ready(opened)
    ci = forge.ci_of(head)
    said = "" if ci.state == "none-configured" else ci.text  # of CI that nobody has set up there is nothing to say
    return Published(head=head, pushed=True, pull_request=opened.number, link=opened.url, ci=said, ci_link=ci.link)


def require_ours(run: Run, session: Session) -> None:
    """Raises StateConflict when the remote's branch has what we have not: somebody pushed to the pull request."""
    there = session.ports.workspace.remote_head_of(run.branch)
    known = (None, run.head, session.execution.head)
    if there not in known and session.ports.workspace.merge_base(str(there), run.head) != there:
        raise StateConflict(f"somebody pushed {str(there)[:12]} to {run.branch}, which no run of ours has made")


def call_a_person(run: Run, ended: Completed | Failed, session: Session) -> None:
    """The pull request says so when the run's end needs a person, and says so no more when that is mended."""
    wanted = needs_a_person(ended)
    if session.ports.forge is None or run.pull_request is None or not (wanted or run.has_called_a_person):
        return
    try:
        session.ports.forge.ask_for_a_person(run.pull_request, wanted=wanted)
    except DevteamError as error:
        # A label: what the run has to say is in its end, and that must be told whatever becomes of this.
        session.progress(f"pull request #{run.pull_request} could not be marked: {error.message}")


def forge_of(session: Session) -> Forge:
    """Where pull requests are; raises Missing when the run delivers one and there is no such place."""
    if session.ports.forge is None:
        raise Missing(
            "this run delivers a pull request, and GitHub cannot be used from here: there is no token for it",
            remedy="set GITHUB_TOKEN, or go on with `--deliver branch`",
        )
    return session.ports.forge


def _known(run: Run, session: Session) -> PullRequest | None:
    """The pull request of this run as it is now."""
    return forge_of(session).get(run.pull_request) if run.pull_request is not None else None


def _open(run: Run, branch: str, session: Session, known: PullRequest | None) -> PullRequest | NoPullRequest:
    """The open pull request of the branch, towards the base of this run; `known` is the one that it had."""
    assert run.task is not None
    assert run.options is not None
    forge, base = forge_of(session), run.options.base_branch
    opened: PullRequest | NoPullRequest
    if known is not None and known.state == "open":
        opened = known
    else:
        from devteam_action.render.pull_request import pull_request_text

        source = run.task.source
        listed = forge.file_link(source.path, source.line or None, base) if source.path else ""
        title, body = pull_request_text(run.task, list_link=listed, run_link=session.run_link)
        opened = forge.open(branch, base, title=title, body=body)
    if isinstance(opened, PullRequest) and opened.base != base:
        forge.set_base(opened.number, base)
    return opened
