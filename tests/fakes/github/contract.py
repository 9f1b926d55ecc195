"""GitHub's own OpenAPI text, as the judge of every request and answer.

Patches: a nullable enum accepts null; bodies of requests are closed, so that a misspelt key is found; discriminators
are left out, since the validator applies them to lists too; labels may be sent as a bare list, which GitHub takes and
PyGithub sends.
"""

from __future__ import annotations

import copy
import json
import re
import threading
from functools import cache
from typing import Any

from tests.originals import OPENAPI, missing

_LABELS = ("post", "/repos/{owner}/{repo}/issues/{issue_number}/labels")
_validator_lock = threading.Lock()


def is_there() -> bool:
    """Whether the text can be had (tests/originals.py); without it nothing is judged, and `serve` says so on stderr."""
    return not missing()


def request_problems(method: str, template: str, query: dict[str, str], body: Any) -> list[str]:
    """What is wrong with a request, in words like GitHub's own."""
    operation = _operation(method, template)
    if template == "/graphql" or not is_there():
        return []
    if operation is None:
        return [f"{method} {template} is not in the OpenAPI text"]
    known = {entry["name"] for entry in map(_resolved, operation.get("parameters", [])) if entry["in"] == "query"}
    problems = [f'"{name}" is no query parameter of it' for name in query if name not in known]
    validator = _validator(method, template, "request")
    if validator is not None and body is not None:
        problems += [_words(error) for error in validator.iter_errors(body)]
    elif body is None and operation.get("requestBody", {}).get("required"):
        problems.append("it has no body")
    elif "requestBody" not in operation and body:
        problems.append("it has a body")
    return problems


def answer_problems(method: str, template: str, status: int, body: Any) -> list[str]:
    """What is wrong with an answer of ours; an undeclared status is wrong only if it is a success."""
    operation = _operation(method, template)
    if operation is None:
        return []
    if str(status) not in operation["responses"]:
        return [f"{status} is no declared answer"] if 200 <= status < 300 else []
    validator = _validator(method, template, str(status))
    return [] if validator is None else [f"{status}: {_words(error)}" for error in validator.iter_errors(body)]


def _words(error: Any) -> str:
    where = "/".join(str(part) for part in error.absolute_path)
    if error.validator == "additionalProperties":
        keys = re.findall(r"'([^']+)'", error.message)
        return "; ".join(f'"{key}" is not a permitted key' for key in keys) + (f" (in {where})" if where else "")
    return f"{where or 'body'}: {error.message[:300]}"


@cache
def _document() -> dict[str, Any]:
    if not is_there():
        return {"paths": {}, "components": {}}
    document = json.loads(OPENAPI.read_text())
    _mend(document)
    for template, methods in document["paths"].items():
        for method, operation in methods.items():
            schema = _schema_of(operation.get("requestBody", {})) if isinstance(operation, dict) else None
            if schema is None:
                continue
            closed = _closed(schema)
            if (method, template) == _LABELS:
                closed = {"anyOf": [closed, {"type": "array", "minItems": 1, "items": {"type": "string"}}]}
            operation["requestBody"]["content"]["application/json"]["schema"] = closed
    return document


def _mend(node: Any) -> None:
    if isinstance(node, dict):
        node.pop("discriminator", None)
        if node.get("nullable") and "enum" in node and None not in node["enum"]:
            node["enum"] = [*node["enum"], None]
        for value in node.values():
            _mend(value)
    elif isinstance(node, list):
        for value in node:
            _mend(value)


def _closed(schema: dict[str, Any]) -> dict[str, Any]:
    """The same schema, where an object takes only the keys that are listed."""
    schema = copy.copy(schema)
    if "properties" in schema:
        schema.setdefault("additionalProperties", False)
        schema["properties"] = {name: _closed(value) for name, value in schema["properties"].items()}
    if isinstance(schema.get("items"), dict):
        schema["items"] = _closed(schema["items"])
    if "oneOf" in schema and "properties" not in schema:
        schema["oneOf"] = [_closed(entry) for entry in schema["oneOf"]]
    return schema


def _schema_of(content: dict[str, Any]) -> dict[str, Any] | None:
    return _resolved(content).get("content", {}).get("application/json", {}).get("schema")


def _resolved(node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        target: Any = _document()
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def _operation(method: str, template: str) -> dict[str, Any] | None:
    return _document()["paths"].get(template, {}).get(method.lower())


@cache
def _validator_unlocked(method: str, template: str, part: str) -> Any:
    from openapi_schema_validator import OAS30Validator

    operation = _operation(method, template) or {}
    content = operation.get("requestBody", {}) if part == "request" else operation["responses"].get(part, {})
    schema = _schema_of(content)
    if schema is None:
        return None
    return OAS30Validator({"components": _document()["components"], **schema})


def _validator(method: str, template: str, part: str) -> Any:
    with _validator_lock:
        return _validator_unlocked(method, template, part)
