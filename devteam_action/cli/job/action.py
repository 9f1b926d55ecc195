"""`action`: what action.yml runs. One event in; reports, outputs and an exit code out."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path
from typing import assert_never

from msgspec import Struct

from devteam_action.actions.env_files import StepFiles
from devteam_action.actions.inputs import JobFacts, read_inputs, read_job
from devteam_action.actions.payloads import CommandComment, parse_event
from devteam_action.actions.route import Accept, AfterMerge, Answer, Judge, Nothing, Verb, Would, plan
from devteam_action.actions.workflow_commands import Muzzle, annotation
from devteam_action.cli.context import Context
from devteam_action.cli.job.accept import accept, end
from devteam_action.cli.job.comments import answer
from devteam_action.cli.job.conversation import Conversation
from devteam_action.cli.job.desk import Desk
from devteam_action.cli.job.finish import finish
from devteam_action.cli.job.lost import answer_lost, looks_for_lost
from devteam_action.cli.job.merges import after_merge
from devteam_action.cli.job.outputs import outputs_of
from devteam_action.cli.job.pull_requests import judge, pull_request_of
from devteam_action.cli.output import Result, error_document, rendered
from devteam_action.errors import BadInput, DevteamError
from devteam_action.render.note import note_text
from devteam_action.render.wording import as_comments
from devteam_action.support.redact import Redactor

_Wanted = Verb | Answer | Accept | Judge | AfterMerge
_BAD_INPUT, _NOT_ALLOWED, _RACE = 2, 3, 5
# CONTRACT §3: what may not be done, and what another job does already, is no failure of this job.
_GREEN = frozenset({_NOT_ALLOWED, _RACE})


class _Done(Struct, frozen=True, kw_only=True):
    """What the job has to hand on; `error` is told on the job's page."""

    result: Result
    command: str = ""
    error: DevteamError | None = None
    logs: str = ""
    check_run: int | None = None


def action(args: Namespace, context: Context) -> Result:
    """Carries out what the event asks for; the job is red for a task that failed and for what needs mending."""
    with Muzzle(sys.stdout) as runner:
        done = _done(args, context, runner)
        print(rendered(done.result, as_json=False), end="", flush=True)
        if done.error is not None:
            runner.say((_told(done.error, context),))
    files = _files(context)
    if not args.finish:
        outputs = outputs_of(done.result, command=done.command, logs=done.logs, check_run=done.check_run)
        files.set_outputs(outputs)
    _summarize(done, context, files)
    code = done.result.exit_code
    return Result(document=done.result.document, exit_code=0 if code in _GREEN else code)


def _done(args: Namespace, context: Context, runner: Muzzle) -> _Done:
    try:
        inputs, job = read_inputs(context.variables), read_job(context.variables)
        desk = Desk(inputs, job, context.variables, context.interrupts, runner=runner)
        event = parse_event(job.event_name, _payload(job))
        if args.finish:
            return _Done(result=finish(desk, event))
        wanted = plan(event, inputs, job.job)
        if not isinstance(wanted, Nothing | Would):
            _ = desk.needed_github  # without a token nothing of it could be told
    except DevteamError as error:
        if args.finish and error.exit_code == _BAD_INPUT:
            # The step before has told it on the job's page, where once is enough.
            context.say(f"nothing was begun that would have to be finished: {error.message}")
            return _Done(result=Result(document=error_document(error)))
        return _Done(result=_refused(error), error=error)
    if isinstance(wanted, Nothing | Would):
        said = wanted.what if isinstance(wanted, Would) else f"nothing to do: {wanted.because}"
        return _Done(result=Result(document={"success": True, "tasks": []}, text=said))
    talk = Conversation(desk)
    done = _worked(wanted, desk, talk, _files(context))
    if isinstance(event, CommandComment) and desk.environment.takes_in:
        end(event, done.result, talk, implemented=context.variables.get("DEVTEAM_IMPLEMENTED", ""))
    return done


def _worked(wanted: _Wanted, desk: Desk, talk: Conversation, files: StepFiles) -> _Done:
    command = wanted.argv[0] if isinstance(wanted, Verb) else ""
    error, logs = None, ""
    try:
        logs = str(desk.logs_folder)
        files.set_outputs({"logs": logs})  # a step that is killed has told where they are
        result = _carry_out(wanted, desk, talk)
    except DevteamError as raised:
        result, error = _refused(raised), raised
    try:
        if desk.interrupts.number is None and looks_for_lost(wanted, desk.job, desk.environment):
            answer_lost(desk, talk, besides=wanted.comment.id if isinstance(wanted, Answer) else None)
    except DevteamError as raised:  # what this job was for is done, or has failed with a reason of its own
        desk.say(raised.message)
    check_run = desk.github.check_run if desk.github is not None else None
    return _Done(result=result, command=command, error=error, logs=logs, check_run=check_run)


def _refused(error: DevteamError) -> Result:
    return Result(document=error_document(error), exit_code=error.exit_code)


def _told(error: DevteamError, context: Context) -> str:
    """The error on the job's page; what may not be, or is done elsewhere, is no fault."""
    remedy = f"\n  next: {as_comments(error.remedy)}" if error.remedy else ""
    level = "notice" if error.exit_code in _GREEN else "error"
    return annotation(level, context.redactor.redact(f"{error.message}{remedy}"), title="DevTeam Action")


def _summarize(done: _Done, context: Context, files: StepFiles) -> None:
    """A run has told its story in the summary; what came to no run is told in a line or two."""
    path = context.variables.get("GITHUB_STEP_SUMMARY", "")
    if not path or (Path(path).exists() and Path(path).stat().st_size):
        return
    if done.error is not None or done.result.text:
        said = done.result.text if done.error is None else f"{done.error.message}\n\n{as_comments(done.error.remedy)}"
        files.set_summary(note_text(said, is_error=done.error is not None and done.result.exit_code not in _GREEN))


def _carry_out(wanted: _Wanted, desk: Desk, talk: Conversation) -> Result:
    match wanted:
        case Verb(argv=argv):
            return desk.run(argv)
        case Answer():
            return answer(wanted, desk, talk)
        case Accept():
            return accept(wanted, desk, talk)
        case Judge(change=change):
            return judge(pull_request_of(change), change.author, desk)
        case AfterMerge(change=change):
            return after_merge(change, desk)
        case _:
            assert_never(wanted)


def _files(context: Context) -> StepFiles:
    variables = context.variables
    redactor = Redactor(context.environment.secrets)
    output, summary = variables.get("GITHUB_OUTPUT"), variables.get("GITHUB_STEP_SUMMARY")
    return StepFiles(
        output=Path(output) if output else None, summary=Path(summary) if summary else None, redact=redactor.redact
    )


def _payload(job: JobFacts) -> bytes:
    if not job.event_path:
        raise BadInput(
            "there is no event: GITHUB_EVENT_PATH is not set",
            remedy="`devteam action` is for jobs of GitHub Actions; at home it is `devteam run`",
        )
    try:
        return Path(job.event_path).read_bytes()
    except OSError as error:
        raise BadInput(f"the event's payload {job.event_path} cannot be read: {error.strerror}") from error
