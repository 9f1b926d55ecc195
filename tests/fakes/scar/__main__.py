"""`python -m tests.fakes.scar`: a SCAR to try things by hand against, until Ctrl-C.

Its agent really edits and pushes: a repository that is cloned to it (`/clone URL`) gets a file on a branch named in the
argument. `--replay NAME` plays a recorded run instead of it.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from tests.fakes.scar import FakeScar, recording, recordings
from tests.fakes.scar.agents import working_agent

SCREEN = """\
SCAR     {scar.url}      (SCAR_BASE_URL; clones go to {folder})

# ask it
curl -s {scar.url}/health/concurrency
curl -s -H 'Content-Type: application/json' -d '{{"conversationId": "me", "message": "/repo demo-app"}}' {scar.url}/test/message
curl -s -H 'Content-Type: application/json' -d '{{"conversationId": "me", "message": "/command-invoke prime"}}' {scar.url}/test/message
curl -s {scar.url}/test/messages/me

# have it do a task: in a repository with a task list and a remote that it can clone from, on its base branch. An agent
# reads there what each command is; without these files SCAR has nothing to do
mkdir -p .claude/commands
for name in prime plan-feature-github execute-github validate; do
    printf 'Do what %s means, with this: $ARGUMENTS\n' $name > .claude/commands/$name.md
done
git add .claude && git commit -m 'Commands for SCAR' && git push
SCAR_BASE_URL={scar.url} devteam run --tool scar

Every message is shown below. Ctrl-C ends it.
"""  # noqa: E501


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.scar", description=__doc__)
    parser.add_argument("--port", type=int, default=3000, help="of 127.0.0.1 (3000 as the real one; 0: any free one)")
    parser.add_argument("--folder", type=Path, help="where it clones to; a temporary folder unless said")
    parser.add_argument("--speed", type=float, default=1.0, help="how many of its seconds pass in one of ours")
    parser.add_argument("--replay", action="append", default=[], help="a recorded run to play, by the name of its file")
    given = parser.parse_args()
    known = recordings.names() if recordings.is_there() else []
    if unknown := [name for name in given.replay if name not in known]:
        parser.error(f"no recorded run is named {unknown[0]}; there are: {', '.join(known) or 'none at all'}")
    with tempfile.TemporaryDirectory(prefix="fake-scar-") as temporary:
        folder: Path = given.folder or Path(temporary)
        with FakeScar.serve(folder, port=given.port, speed=given.speed) as scar:
            scar.repository("demo-app")
            scar.agent = working_agent
            for name in given.replay:
                scar.replay(recording(name))
            print(SCREEN.format(scar=scar, folder=folder), flush=True)
            try:
                _watch(scar)
            except KeyboardInterrupt:
                print("\nIt is over.")


def _watch(scar: FakeScar) -> None:
    posted = 0
    said: dict[str, int] = {}
    while True:
        time.sleep(0.2)
        for text in scar.commands_run()[posted:]:
            posted += 1
            print(f"> {text}", flush=True)
        for name in scar.spoken_to():
            texts = scar.texts(name)
            for text in texts[min(said.get(name, 0), len(texts)) :]:
                print(f"  {name}: {text}", flush=True)
            said[name] = len(texts)


if __name__ == "__main__":
    main()
