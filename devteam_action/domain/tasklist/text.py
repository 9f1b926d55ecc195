"""Reads what a title or a block says: the files it names, and the title without its decoration."""

from __future__ import annotations

import re
from urllib.parse import unquote

# Bounded repeats keep these linear on hostile text: a line of 100,000 opening brackets is read as fast as any other.
LINK = re.compile(
    r"\[([^\[\]\n]{0,300}(?:\[[^\[\]\n]{0,100}\][^\[\]\n]{0,100}){0,9})\]"
    r"\(\s{0,9}(<[^<>\n]{0,500}>|(?:[^()\s]|\([^()\s]{0,100}\)){0,500})(?:\s{1,9}[\"'][^\"'\n]{0,200}[\"'])?\s{0,9}\)"
)
_CODE = re.compile(r"(?<!`)(`{1,2})(?!`)([^`\n]{1,300})\1(?!`)")
_TOKEN = re.compile(r"[^\s`\"<>|,;]{1,400}")
_LINE_NUMBER = re.compile(r"(?::\d+(?:[-:,–]\d+)*|#L\d+(?:[-–]L?\d+)?)$")
_ANCHOR = re.compile(r"#[\w./-]*$")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?!\d)")
_EXTENSION = re.compile(r"[^/]\.([A-Za-z][A-Za-z0-9]{0,9})$")
_MEDIA_TYPE = re.compile(r"(?:application|audio|font|image|multipart|text|video)/[\w.+-]+$")

# A bare name is taken for a file by its extension only: `np.array` and `user.name` are none.
_EXTENSIONS = frozenset(
    re.findall(
        r"\w+",
        "adoc astro avif bat bash bib bicep c cc cfg cjs clj cmake conf cpp cs css csv cts cxx dart db diff "
        "dockerfile env  erb ex exs fish fs gif go gql gradle graphql groovy h hbs hcl hpp hs htm html http ico "
        "ini ipynb j2 java jinja  jinja2 jpeg jpg js json json5 jsonc jsonl jsx jl kt kts less liquid lock log "
        "lua m md mdc mdx mjs mk ml mm mts  nix njk patch php pdf pl plist png po prisma properties proto ps1 pug "
        "py pyi pyx r rake rb rs rst sass scala scss  sh sol sql sqlite svelte svg swift tex tf tfvars toml ts "
        "tsv tsx txt vue wasm webp wsdl xml xsd yaml yml zig zsh",
    )
)
_NAMES = frozenset(
    re.findall(
        r"\S+",
        "Brewfile CHANGELOG CODEOWNERS CONTRIBUTING Containerfile Dockerfile Gemfile Jenkinsfile Justfile LICENSE "
        "Makefile  NOTICE Pipfile Procfile README Rakefile Vagrantfile go.mod go.sum",
    )
)
_DOTFILE = re.compile(
    r"\.(?:env|git|docker|npm|nvm|node|editor|python|tool|babel|prettier|eslint)[\w.-]*$|\.\w+(?:rc|ignore)$"
)
_STRUCK = re.compile(r"~~(.*)~~$", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_WRAPS = frozenset("*_`~")
_PAIRS = {")": "(", "]": "[", "}": "{"}


def find_paths(text: str) -> list[tuple[int, str]]:
    """Where each file is named in `text`, and its path: links, code and words with a slash and an extension.

    Line numbers (`:77`, `#L7`) are cut off; URLs, routes (`POST /prep`) and `and/or` are no files; a bare name counts
    in a link or in backticks only. In order of appearance, the same path only once.
    """
    if "/" not in text and "`" not in text and "](" not in text:
        return []
    found: list[tuple[int, str]] = []
    rest = text
    if "](" in text:
        links = LINK.finditer(text)
        found.extend((link.start(), _of_link(link[2]) or _of_code(link[1].strip("`"))) for link in links)
        rest = LINK.sub(_blank, rest)
    if "`" in rest:
        found.extend((code.start(), _of_code(code[2].strip())) for code in _CODE.finditer(rest))
        rest = _CODE.sub(_blank, rest)
    if "/" in rest:
        found.extend((token.start(), _of_word(token[0])) for token in _TOKEN.finditer(rest) if "/" in token[0])
    first: dict[str, int] = {}
    for start, path in sorted(found):
        if path:
            first.setdefault(path, start)
    return [(start, path) for path, start in first.items()]


def find_files(text: str) -> tuple[str, ...]:
    """The paths that `text` names, in order, each once."""
    return tuple(path for _, path in find_paths(text))


def is_file_name(word: str) -> bool:
    """Whether a name without a slash is that of a file (`conftest.py`, `Makefile`, `.gitignore`)."""
    if word in _NAMES or _DOTFILE.match(word):
        return True
    extension = _EXTENSION.search(word)
    return bool(extension) and extension[1].lower() in _EXTENSIONS and not re.search(r"[()\[\]{}=\s]", word)


def clean_title(text: str) -> tuple[str, bool]:
    """A title without the bold, backticks and strike around it, and whether it was struck out."""
    title = _CONTROL.sub("", text).strip()
    struck = False
    if title[:1] not in _WRAPS or title[-1:] not in _WRAPS:
        return title, struck
    while True:
        before = title
        if found := _STRUCK.match(title):
            struck, title = True, found[1].strip()
        for mark in ("***", "**", "__", "*", "_", "``", "`"):
            inner = title[len(mark) : -len(mark)]
            if title.startswith(mark) and title.endswith(mark) and inner.strip() and mark not in inner:
                title = inner.strip()
                break
        if title == before:
            return title, struck


def _of_link(target: str) -> str:
    target = target.strip("<> ")
    if not target or target.startswith(("#", "//")) or _SCHEME.match(target):
        return ""
    target = _LINE_NUMBER.sub("", unquote(target) if "%" in target else target)
    return _relative(_ANCHOR.sub("", target) if "#" in target else target)


def _of_code(code: str) -> str:
    if not code or re.search(r"[\s=<>|$;\"']", code) or code.startswith(("/", "@", "-", "#")) or _SCHEME.match(code):
        return ""
    path = _LINE_NUMBER.sub("", code)
    if "/" not in path:
        return path if is_file_name(path) else ""
    if _MEDIA_TYPE.match(path) or path.endswith((")", "/")):
        return ""
    return _relative(path)


def _of_word(word: str) -> str:
    word = _trim(word)
    if "://" in word or word.startswith(("/", "@", "-", "#")) or _SCHEME.match(word):
        return ""
    word = _LINE_NUMBER.sub("", word)
    *folders, name = word.split("/")
    if not _EXTENSION.search("/" + name) and not is_file_name(name):
        return ""
    # `Node.js/Express.js` is two names, not a path.
    if not folders or any("." in folder.lstrip(".") and is_file_name(folder) for folder in folders):
        return ""
    return _relative(word)


def _trim(word: str) -> str:
    """A word without the punctuation of the sentence around it; brackets that belong to the path stay."""
    while word:
        last, first = word[-1], word[0]
        if last in ".,;:!?'*_~" or (last in _PAIRS and word.count(last) > word.count(_PAIRS[last])):
            word = word[:-1]
        elif first in "'*~" or (first in "([{" and word.count(first) > word.count(_closer(first))):
            word = word[1:]
        elif first == "(" and last == ")" and word.find(")") == len(word) - 1:
            word = word[1:-1]
        else:
            break
    return word


def _closer(opener: str) -> str:
    return {"(": ")", "[": "]", "{": "}"}[opener]


def _relative(path: str) -> str:
    """A path of the repository; what climbs out of the list's own folder is taken from the root."""
    while path.startswith(("./", "../", "/")):
        path = path.partition("/")[2]
    return "" if path in ("", ".", "..") or "\x00" in path else path


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])
