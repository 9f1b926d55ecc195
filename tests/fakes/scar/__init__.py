"""A SCAR server of our own, with the rules that were measured on the real one; it replays what was recorded there.

    with FakeScar.serve(folder) as scar:
        scar.repository("demo-app")
        scar.agents["execute-github"] = an_agent      # a callable that is given a Turn
        scar.fault("html-502", path="/test/messages", times=2)
        scar.restart()                                # memory and queue are lost

Tests use what is exported here. `fake.py` says what a test can do, `turn.py` what an agent can, `faults.py` what can go
wrong, `agents.py` has agents that edit a repository and push, `recordings.py` how the recorded runs become scripts.
"""

from tests.fakes.scar import recordings
from tests.fakes.scar.fake import COMMANDS, FakeScar, Request
from tests.fakes.scar.recordings import Recording, Script, recording
from tests.fakes.scar.server import wait_until
from tests.fakes.scar.turn import CRASHED, Agent, Died, Failed, Turn

__all__ = [
    "COMMANDS", "CRASHED", "Agent", "Died", "Failed", "FakeScar", "Recording", "Request", "Script", "Turn",
    "recording", "recordings", "wait_until",
]  # fmt: skip
