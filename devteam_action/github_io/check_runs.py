"""Check runs, one for each `external_id` on a head, with all their annotations (satisfies pipeline.Checks)."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, cast

from msgspec import Struct

from devteam_action.github_io.annotations import Annotation, annotations_of, batches
from devteam_action.github_io.client import GitHubClient
from devteam_action.github_io.refusals import NotFound, Unprocessable
from devteam_action.github_io.texts import sendable
from devteam_action.pipeline.forge import CheckRun, TooLong

if TYPE_CHECKING:
    from github.CheckRun import CheckRun as Answer
    from github.Repository import Repository

RIGHT = "checks: write"
_READ = "checks: read"


class _Seen(Struct, frozen=True):
    """A check run that is there, and how many annotations it has: GitHub appends, and takes none away."""

    id: int
    annotations: int


class CheckRuns:
    """Check runs of the client's repository; the token must be a job's or an App's (GitHub lets nobody else)."""

    def __init__(self, client: GitHubClient) -> None:
        self._client = client
        self._annotated: dict[int, int] = {}

    def write(self, check: CheckRun, *, look: bool = True) -> int:
        """Creates or updates the check run with its `external_id` on its head; its id.

        One request, and one for every further 50 annotations; one more to look for it when `check.id` is None, which
        a caller who knows that there is none saves with `look=False`. Annotations that are there already, in the same
        order, are not sent again. Raises TooLong.
        """
        try:
            return self._write(check, look)
        except Unprocessable as refused:
            if refused.is_too_long:
                raise TooLong(refused.message) from refused
            raise

    def _write(self, check: CheckRun, look: bool) -> int:
        annotations = annotations_of(check.annotations)
        seen = self._seen(check, look, wants_count=bool(annotations))
        if seen is not None:
            try:
                self._update(check, seen, annotations)
            except NotFound:
                seen = None
        if seen is None:
            seen = self._create(check, batches(annotations)[0])
            if seen.annotations < len(annotations):
                self._update(check, seen, annotations)
        if annotations or check.id is None:  # else nobody has counted what is there
            self._annotated[seen.id] = max(seen.annotations, len(annotations))
        return seen.id

    def _seen(self, check: CheckRun, look: bool, *, wants_count: bool) -> _Seen | None:
        if check.id is None:
            return self._find(check) if look else None
        count = self._annotated.get(check.id)
        if count is None and wants_count:
            try:
                count = self._count(check.id)
            except NotFound:
                return None
        return _Seen(check.id, count or 0)

    def _create(self, check: CheckRun, first: list[Annotation]) -> _Seen:
        def send(here: Repository) -> _Seen:
            made = here.create_check_run(check.name, check.head, **_fields(check), output=_output(check, first))
            return _Seen(made.id, len(first))

        return self._client.create(
            f"creating the check run “{check.name}”", send, find=lambda: self._find(check), right=RIGHT
        )

    def _update(self, check: CheckRun, seen: _Seen, annotations: list[Annotation]) -> None:
        """Sends the state, and the annotations that are not there yet."""
        what = f"updating the check run “{check.name}”"
        there = seen.annotations
        for batch in batches(annotations[there:]):

            def send(here: Repository, batch: list[Annotation] = batch) -> int:
                run = here.get_check_run(seen.id)
                run.edit(  # pyright: ignore[reportUnknownMemberType] - its stub says `dict` and no more
                    **_fields(check), output=_output(check, batch)
                )
                return seen.id

            there += len(batch)
            if batch:
                # Sent twice they would be there twice: an answer that was lost is looked up.
                self._client.create(what, send, find=lambda wanted=there: self._reached(seen.id, wanted), right=RIGHT)
            else:
                self._client.change(what, send, right=RIGHT)

    def _reached(self, check_id: int, wanted: int) -> int | None:
        return check_id if self._count(check_id) >= wanted else None

    def _count(self, check_id: int) -> int:
        return self._client.read(
            f"reading check run {check_id}",
            lambda here: _seen_in(here.get_check_run(check_id).complete()).annotations,
            right=_READ,
        )

    def _find(self, check: CheckRun) -> _Seen | None:
        """The newest with our `external_id`."""
        found = self._client.read(
            f"looking for the check run “{check.name}”",
            lambda here: [
                _seen_in(run)
                for run in here.get_commit(check.head).get_check_runs(check_name=check.name, filter="all").get_page(0)
                if run.external_id == check.external_id and run.name == check.name
            ],
            right=_READ,
        )
        return max(found, key=lambda run: run.id, default=None)


def _seen_in(run: Answer) -> _Seen:
    count = cast("int | None", run.output.annotations_count)
    return _Seen(run.id, count or 0)


class _Fields(TypedDict, total=False):
    external_id: str
    status: str
    conclusion: str
    details_url: str


def _fields(check: CheckRun) -> _Fields:
    """What is neither the place nor the output; GitHub takes no empty address and no null."""
    fields: _Fields = {"external_id": check.external_id, "status": check.status}
    if check.status == "completed":
        fields["conclusion"] = check.conclusion or "neutral"
    if check.details_url:
        fields["details_url"] = check.details_url
    return fields


def _output(check: CheckRun, batch: list[Annotation]) -> dict[str, str | list[Annotation]]:
    output: dict[str, str | list[Annotation]] = {
        "title": sendable(check.title or check.name),
        "summary": sendable(check.summary),
    }
    if check.text:
        output["text"] = sendable(check.text)
    if batch:
        output["annotations"] = batch
    return output
