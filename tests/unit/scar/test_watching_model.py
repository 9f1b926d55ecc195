"""Any history of a run, however unluckily looked at: never a wrong end, never a lost or doubled message."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from devteam_action.scar.messages import Busy, ScarMessage
from devteam_action.scar.watching import Look, Patience, Watch

MARKER = "Unknown command: /pm-end-1"
EVENTS = st.lists(st.sampled_from(["say", "end", "restart", "delete", "down", "look", "torn look"]), max_size=25)


class Server:
    """What matters of a server: a list, a run, the marker behind it, and that a restart loses all three."""

    def __init__(self, *, has_marker: bool, before: int) -> None:
        self.list = [ScarMessage("c1", "old", f"t-{number}") for number in range(before)]
        self.said: list[ScarMessage] = []
        self.is_live = True  # our run, and the queue behind it
        self.is_up = True
        self.was_lost = False
        self.has_marker = has_marker

    def happen(self, event: str) -> None:
        if event == "say" and self.is_live and self.is_up:
            self.said.append(ScarMessage("c1", "word", f"t{len(self.said)}"))
            self.list.append(self.said[-1])
        elif event == "end" and self.is_live and self.is_up:
            self.is_live = False
            if self.has_marker:
                self.list.append(ScarMessage("c1", f"{MARKER}\n\nType /help", "t"))
        elif event == "delete":
            self.was_lost = self.was_lost or bool(self.list)
            self.list = []
        elif event == "restart":
            self.was_lost = self.was_lost or self.is_live or bool(self.list)
            self.list, self.is_live, self.is_up = [], False, True
        elif event == "down":
            self.is_up = False

    @property
    def busy(self) -> Busy | None:
        return Busy(active=self.is_live, queued=int(self.is_live and self.has_marker)) if self.is_up else None


@settings(max_examples=150, deadline=None)
@given(events=EVENTS, has_marker=st.booleans(), before=st.integers(0, 2), busy_list=st.booleans())
@example(events=["say", "look", "end", "look"], has_marker=False, before=0, busy_list=True)
@example(events=["end", "restart"], has_marker=False, before=0, busy_list=True)
@example(events=["down", "look", "restart", "look"], has_marker=False, before=0, busy_list=True)
def test_no_history_is_misread(events, has_marker, before, busy_list):
    server = Server(has_marker=has_marker, before=before)
    watch = Watch(
        baseline=before,
        anchor=server.list[-1] if before else None,
        marker=MARKER if has_marker else "",
        began=0.0,
        patience=Patience(run_s=1000),
    )
    told: list[ScarMessage] = []
    numbers: list[int] = []
    seen = 0
    for at, event in enumerate([*events, "look"], 1):
        if watch.end is not None:
            break
        if event not in ("look", "torn look"):
            # A process that is gone for a moment is down when we look: it takes longer to start than we to look.
            if event == "restart":
                server.is_up = False
                watch.see(Look(at=at, busy=None, messages=None))
            server.happen(event)
            continue
        busy = server.busy if busy_list else None
        if event == "torn look":  # much happens between the two reads
            for sudden in ("say", "say", "end"):
                server.happen(sudden)
        for each in watch.see(Look(at=at, busy=busy, messages=list(server.list) if server.is_up else None)):
            told.append(each.message)
            numbers.append(each.index)
        seen = max(seen, len(told))
    assert numbers == list(range(len(numbers)))
    assert len(set(told)) == len(told), "told twice"
    if watch.end in ("idle", "marker"):
        assert not server.is_live, "it was still running"
        if not server.was_lost:
            assert told == server.said
        else:
            # Only a deletion of what nobody had looked at yet can go unnoticed.
            assert "delete" in events
    elif watch.end is not None:
        # A run that ended just before a restart nobody saw it end in is called interrupted: that is the careful side.
        assert server.was_lost or "restart" in events
