"""What went wrong with a request, from PyGithub's and requests' exceptions; and the error that people get of it."""

from __future__ import annotations

from json import JSONDecodeError
from typing import cast

from msgspec import ValidationError

from devteam_action.errors import DevteamError, Missing
from devteam_action.github_io.refusals import Forbidden, NotFound, Reply, Unprocessable, reply_of, sentence
from devteam_action.github_io.rights import remedy_for

_LACKING = "resource not accessible by"
# PyGithub tells of GraphQL's errors by no exception; these are the statuses that REST has for the same.
_GRAPHQL_STATUS = {"RATE_LIMITED": 429, "FORBIDDEN": 403, "INSUFFICIENT_SCOPES": 403, "NOT_FOUND": 404}


def problem_in(error: Exception) -> tuple[Reply, bool]:
    """The answer that the exception stands for (500 and above: lost), and whether the request may have arrived.

    Raises `error` again when it is about something else: a bug of ours.
    """
    import requests
    from github import BadAttributeException, GithubException

    if isinstance(error, GithubException) and error.status >= 400:
        return reply_of(error.status, cast("object", error.data), error.headers), True
    if isinstance(error, requests.exceptions.SSLError):
        raise Missing(
            "the certificate of GitHub's server is not trusted here",
            remedy="set REQUESTS_CA_BUNDLE to your organisation's certificates",
        ) from error
    if isinstance(error, requests.RequestException):
        return Reply(status=599, message=_broken(error)), not _never_arrived(error)
    if isinstance(error, JSONDecodeError):
        return Reply(status=598, message="half an answer"), True
    if isinstance(error, GithubException | BadAttributeException | ValidationError) or _is_pygithubs(error):
        raise Missing(
            "GitHub's answer is not what its documentation says", remedy="is the address that of GitHub's API?"
        ) from error
    raise error


def _is_pygithubs(error: Exception) -> bool:
    """Whether PyGithub stumbled over an answer: it takes the shape of many for granted."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and str(trace.tb_frame.f_globals.get("__name__")).startswith("github.")


def _broken(error: Exception) -> str:
    """The kind of the failure; its text has addresses and more in it."""
    import requests

    return "no answer in time" if isinstance(error, requests.Timeout) else "the connection failed"


def _never_arrived(error: Exception) -> bool:
    import requests
    from urllib3.exceptions import NewConnectionError

    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(error, requests.ConnectTimeout) or isinstance(reason, NewConnectionError)


def data_of(answer: object) -> object:
    """The `data` of a GraphQL answer; raises what REST would have raised for the first of its errors."""
    from github import GithubException

    entries = cast("dict[str, object]", answer) if isinstance(answer, dict) else {}
    errors = entries.get("errors")
    if not isinstance(errors, list) or not errors:
        return entries.get("data")
    first = cast("list[object]", errors)[0]
    entry = cast("dict[str, object]", first) if isinstance(first, dict) else {}
    message = str(entry.get("message") or "GraphQL error")
    raise GithubException(_GRAPHQL_STATUS.get(str(entry.get("type")), 422), {"message": message}, {}, message)


def error_for(what: str, repository: str, reply: Reply, rights: tuple[str, ...]) -> DevteamError:
    """The error of a final refusal while doing `what`; `rights` are the lines that would have allowed it."""
    said = sentence(reply)
    match reply.status:
        case 401:
            return Missing(
                f"GitHub does not accept the token ({what}: {said})",
                remedy="give a token that is still valid: a job's own ends with the job, that of an App after an hour",
            )
        case 403 if _LACKING in reply.message.lower():
            lacking = f" lacks `{', '.join(rights)}`" if rights else " lacks a right"
            return Forbidden(
                f"the token{lacking} on {repository} ({what}: {said})",
                reason=reply.message,
                is_right=True,
                remedy=remedy_for(rights),
            )
        case 403:
            return Forbidden(
                f"GitHub does not allow it ({what}: {said})",
                reason=reply.message,
                remedy=f"see the settings of {repository} and of its organisation",
            )
        case 404 | 410:
            needs = f" (it needs `{', '.join(rights)}`)" if rights else ""
            return NotFound(
                f"GitHub knows no such thing in {repository} ({what}: {said})",
                remedy=f"it was removed or renamed, or the token may not see it{needs}",
            )
        case _:
            return Unprocessable(
                f"GitHub refused it ({what}: {said}; status {reply.status})",
                reasons=reply.reasons,
                remedy=f"see the rules and settings of {repository}",
            )
