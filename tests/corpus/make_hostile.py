"""Writes hostile/*.md: lists whose bytes no editor would keep. Run it after a change of CASES; a test compares."""

from __future__ import annotations

from pathlib import Path

HOSTILE = Path(__file__).parent / "hostile"
LONG_WORDS = " ".join(["measure"] * 1249)  # 9,991 characters: with its id the line has 10,000 and some
OPENERS = "([`<" * 1250  # 5,000 characters that begin something and never end it

CASES: dict[str, bytes] = {
    "01-crlf-bom-trailing-spaces": (
        b"\xef\xbb\xbf# Plan  \r\n\r\n"
        b"Phase 1: Ground  \r\n\r\n"
        b"1.1 Dig \t\r\n"
        b"1.1.1 [x] Mark the edge   \r\n"
        b"1.1.2 Dig inside it\t\r\n"
        b"   \r\n"
    ),
    "02-lone-cr": b"# Plan\r\r- [x] 1. Boil water\r- [ ] 2. Add tea\r  - green\r- [ ] 3. Wait\r",
    "03-no-final-newline": b"# Plan\n\n- [x] 1. Boil water\n- [ ] 2. Add tea",
    "04-nul-in-prose": (
        b"# Plan\n\nA note with a \x00 in it.\n\n- [ ] 1. Boil water\n  - a detail \x00 too\n- [ ] 2. Add tea\n"
    ),
    "05-invalid-utf8": b"# Plan\n\n- [x] 1. Boil water\n- [ ] 2. Add t\xffea\n- [ ] 3. Wait\n",
    "06-latin-1": "# Pl\u00e4ne\n\n- [ ] 1. Tee f\u00fcr alle\n".encode("latin-1"),
    "07-utf-16": "# Plan\n\n- [ ] 1. Boil water\n".encode("utf-16"),
    "08-unclosed-fence": b"# Plan\n\n- [x] 1. Boil water\n- [ ] 2. Add tea\n\n```sh\npour\n~~~\n- [ ] 3. Wait\n",
    "09-unclosed-comment": (
        b"# Plan\n\n- [x] 1. Boil water\n- [ ] 2. Add tea\n\n<!-- later:\n- [ ] 3. Wait\n- [ ] 4. Drink\n"
    ),
    "10-nested-comments": (
        b"# Plan\n\n- [ ] 1. Boil water\n<!--\n<!-- - [ ] 2. Add tea\n-->\n- [ ] 3. Wait\n-->\n- [ ] 4. Drink\n"
    ),
    "11-no-task-table": (
        b"# Plan\n\n| id  | task       | done |\n|-----|------------|------|\n| 1.1 | Boil water | [ ]  |\n"
    ),
    "12-no-task-ordered-list": b"# Plan\n\n1. Boil water\n2. Add tea\n3. Wait\n",
    "13-empty": b"",
    "14-only-blank-and-bom": b"\xef\xbb\xbf\r\n  \r\n\t\r\n",
    "15-line-of-10000": b"# Plan\n\n- [x] 1. Boil water\n- [ ] 2. " + LONG_WORDS.encode() + b"\n- [ ] 3. Wait\n",
    "16-direction-marks": (
        "# Plan\n\n- [ ] 1. \u05d4\u05e8\u05ea\u05d7 \u200fmarked\u200e\n"
        "- [ ] 2. txt.\u202egpj.exe\u202c after\n"
        "- [x] 3. \u0627\u0646\u062a\u0638\u0631\n"
    ).encode(),
    "17-mixed-line-ends": b"# Plan\r\n\n- [x] 1. Boil water\n- [ ] 2. Add tea\r\n  - green\n\r\n- [ ] 3. Wait\n",
    "18-separators-inside-lines": (
        "# Plan\n\nA note\u2028- [ ] 8. not a task\n\n- [ ] 1. Boil water\n"
        "  - hot\u0085- [ ] 9. not a task\n- [ ] 2. Add tea\n"
        "  - green\u000b- [ ] 10. not a task\u000c- [ ] 11. nor this\n- [ ] 3. Wait\n"
    ).encode(),
    "19-comment-mark-in-code": (
        b"# Plan\n\n```\n<!--\n```\n\n- [ ] 1. Explain `<!--` to the readers\n- [ ] 2. Close nothing\n\n"
        b"    Say `-->` too.\n\n- [ ] 3. Wait\n"
    ),
    "20-fence-in-comment": b"# Plan\n\n- [ ] 1. Boil water\n<!--\n```\n- [ ] 2. Add tea\n-->\n- [ ] 3. Wait\n",
    "21-fence-lengths": (
        b"# Plan\n\n- [ ] 1. Boil water\n\n````\n```\n- [ ] 2. no\n`````\n- [ ] 3. Wait\n\n"
        b"~~~ `tick`\n- [ ] 4. no\n``` ```\n~~~\n\n```inline``` is no fence\n\n- [ ] 5. Drink\n"
    ),
    "22-openers-without-end": b"# Plan\n\n- [ ] 1. Read " + OPENERS.encode() + b"\n- [ ] 2. Wait\n",
    "23-front-matter-never-closed": b"---\n# Plan\n\n- [x] 1. Boil water\n- [ ] 2. Add tea\n",
    "24-ids-of-many-digits": (
        b"# Plan\n\nPhase 1: Count\n\n1.1 Numbers\n1.1.1 Zero\n1.1.02 Two with a zero before it\n"
        b"1.1.99999999999999999999999999 Many\n"
    ),
}


def main() -> None:
    HOSTILE.mkdir(exist_ok=True)
    for name, data in CASES.items():
        (HOSTILE / f"{name}.md").write_bytes(data)


if __name__ == "__main__":
    main()
