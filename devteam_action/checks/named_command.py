"""Any name that the config binds to a command, and `build`."""

from __future__ import annotations

from devteam_action.checks.place import Job, Place, not_ended, tail
from devteam_action.domain.findings import Finding
from devteam_action.domain.judging import Measured
from devteam_action.errors import Missing
from devteam_action.support.terminal import one_line


class NamedCommand:
    """Passes when the command of the config ends with exit code 0; a string is for `sh`, a list is the arguments.

    The base is not asked: an exit code is no finding, and cannot tell old trouble from new.
    """

    has_baseline = False

    def __init__(self, name: str) -> None:
        self.name = name
        self.criteria = (name,)

    def measure(self, place: Place, job: Job) -> tuple[Measured, ...]:
        bound = job.config.commands.get(self.name)
        if not bound:
            reason = f"no command is bound to it: add `commands: {{{self.name}: …}}` to .devteam.yml"
            return (Measured(criterion=self.name, check="command", reason=reason, lacking=True),)
        argv = ("sh", "-c", bound) if isinstance(bound, str) else bound
        try:
            done = place.run(*argv)
        except Missing as error:
            return (Measured(criterion=self.name, check="command", reason=error.message),)
        findings = () if done.code == 0 else (_failed(self.name, done.code, tail(done)),)
        return (
            Measured(
                criterion=self.name,
                check="command",
                reason=not_ended(done),
                findings=findings,
                actual=f"exit code {done.code}",
                output=tail(done),
                duration=done.duration_s,
            ),
        )


def _failed(name: str, code: int, output: str) -> Finding:
    """Most programs say at the very end what was wrong; that the shell did not find one, too."""
    last = next((line for line in reversed(output.splitlines()) if line.strip()), "")
    said = f": {one_line(last, 160)}" if last else ""
    return Finding(tool=name, rule="exit-code", message=f"the command `{name}` ended with exit code {code}{said}")


class NotYet:
    """A criterion that the contract names and that this version cannot measure."""

    name = "bites"
    criteria = ("test.bites",)
    has_baseline = False

    def measure(self, place: Place, job: Job) -> tuple[Measured, ...]:
        reason = "not available yet in this version; leave it out, or state test.coverage"
        return (Measured(criterion="test.bites", check=self.name, reason=reason, lacking=True),)
