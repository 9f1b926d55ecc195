"""Starts aider so that no file of the repository can steer it; run by aider's own Python with `-I`.

By itself aider obeys `.aider.conf.yml` (commands in it are run), `.env` (the API base moves, and the key with it),
`.aider.model.settings.yml` and `.aider.model.metadata.json` of the tree. No flag keeps all of them out, so the three
functions that look for them are replaced. They are private to aider: a release without them is refused, not trusted.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from typing import Any

UNKNOWN_AIDER = 78  # EX_CONFIG: this aider cannot be driven safely
HOOKS = ("get_parser", "load_dotenv_files", "generate_search_path_list", "main")


def main() -> int:
    """aider's own exit code, or 78 when one of the functions to replace is not there."""
    aider: Any = importlib.import_module("aider.main")
    missing = [name for name in HOOKS if not callable(getattr(aider, name, None))]
    if missing:
        print(f"this aider cannot be driven safely: it has no {', '.join(missing)}", file=sys.stderr)  # noqa: T201
        return UNKNOWN_AIDER
    parser: Callable[[list[str], object], object] = aider.get_parser

    def no_config_files(_files: object, root: object) -> object:
        return parser([], root)

    def no_dotenv(*_: object, **__: object) -> list[str]:
        return []

    def only_the_given(_name: object, _root: object, given: str | None) -> list[str]:
        return [given] if given else []

    aider.get_parser = no_config_files
    aider.load_dotenv_files = no_dotenv
    aider.generate_search_path_list = only_the_given
    sys.argv[0] = "aider"  # it names itself by it
    return aider.main() or 0


if __name__ == "__main__":
    sys.exit(main())
