"""A run watched from look to look, with time and server as tables."""

from __future__ import annotations

import pytest

from devteam_action.scar.messages import Busy, ScarMessage
from devteam_action.scar.watching import Look, Patience, Watch

MARK = "Unknown command: /pm-end-1"
RUNS, WAITS, IDLE = Busy(active=True, queued=1), Busy(active=False, queued=2), Busy(active=False, queued=0)
UNKNOWN = None


def watched(*looks, marker=MARK, baseline=0, anchor="", ahead=0, run_s=100.0, queue_s=None, away_s=10.0, quiet_s=30.0):
    """Looks are (second, busy, messages); text made of one letter each is a message."""
    watch = Watch(
        baseline=baseline,
        anchor=ScarMessage("c1", anchor, f"t{anchor}") if anchor else None,
        marker=marker,
        ahead=ahead,
        began=0.0,
        patience=Patience(run_s=run_s, queue_s=queue_s, away_s=away_s, quiet_s=quiet_s),
    )
    told = []
    for at, busy, texts in looks:
        assert watch.end is None, "it had ended before"
        listed = None if texts is None else [ScarMessage("c1", text, f"t{text}") for text in texts]
        told += [(each.index, each.message.message) for each in watch.see(Look(at=at, busy=busy, messages=listed))]
    return watch, told


@pytest.mark.parametrize(
    ("looks", "options", "end"),
    [
        pytest.param([(1, RUNS, "a"), (2, IDLE, ["a", "b", MARK])], {}, "marker", id="marker and idle"),
        pytest.param([(1, RUNS, ["a", MARK])], {}, "marker", id="marker before idle"),
        pytest.param([(1, UNKNOWN, "a"), (9, UNKNOWN, ["a", MARK])], {}, "marker", id="marker alone"),
        pytest.param([(1, RUNS, "a"), (2, IDLE, "ab")], {"marker": ""}, "idle", id="busy list alone"),
        pytest.param([(1, IDLE, "")], {"marker": ""}, "idle", id="over at once, without a word"),
        pytest.param([(1, RUNS, "a"), (2, IDLE, "ab")], {}, "idle", id="a server that answers no marker"),
        pytest.param([(1, RUNS, "a"), (50, RUNS, "a"), (60, RUNS, "a")], {}, None, id="silence is no end"),
        pytest.param([(1, RUNS, "ab"), (2, IDLE, "")], {}, "restarted", id="memory lost"),
        pytest.param([(1, RUNS, ""), (2, IDLE, "")], {}, "restarted", id="queue lost before a word"),
        pytest.param([(1, RUNS, ""), (2, IDLE, "")], {"marker": ""}, "idle", id="no word, no marker, never away"),
        pytest.param(
            [(1, RUNS, ""), (2, UNKNOWN, None), (3, IDLE, "")], {"marker": ""}, "restarted", id="away, then empty"
        ),
        pytest.param(
            [(1, RUNS, "a"), (2, UNKNOWN, None), (3, IDLE, "ab")], {"marker": ""}, "idle", id="away, memory intact"
        ),
        pytest.param([(1, RUNS, "ab"), (2, RUNS, ""), (3, IDLE, "c")], {}, "restarted", id="cleared, then no marker"),
        pytest.param([(1, RUNS, "ab"), (2, RUNS, ""), (3, IDLE, ["c", MARK])], {}, "cleared", id="cleared by another"),
        pytest.param([(1, RUNS, "ab"), (2, RUNS, "xyz"), (3, IDLE, "xyz")], {}, "restarted", id="another list, longer"),
        pytest.param([(1, UNKNOWN, "ab"), (2, UNKNOWN, "")], {}, "restarted", id="shrunk, and no busy list"),
        pytest.param([(1, RUNS, "a"), (2, UNKNOWN, None), (12, UNKNOWN, None)], {}, "unreachable", id="stays away"),
        pytest.param(
            [(2, UNKNOWN, None), (9, RUNS, "a"), (10, UNKNOWN, None), (19, UNKNOWN, None)],
            {},
            None,
            id="comes and goes",
        ),
        pytest.param([(50, RUNS, "a"), (100, RUNS, "ab")], {}, "timeout", id="too long"),
        pytest.param([(99, UNKNOWN, None), (101, UNKNOWN, None)], {}, "unreachable", id="too long, and away"),
        pytest.param([(90, WAITS, ""), (180, RUNS, "a")], {}, None, id="the queue is not counted"),
        pytest.param([(5, WAITS, ""), (20, WAITS, "")], {"queue_s": 10}, "queue-timeout", id="queued too long"),
        pytest.param(
            [(1, UNKNOWN, "a"), (30, UNKNOWN, "a"), (32, UNKNOWN, "a")], {"marker": ""}, "quiet", id="quiet for long"
        ),
        pytest.param([(1, UNKNOWN, ""), (50, UNKNOWN, "")], {"marker": ""}, None, id="quiet before the first word"),
        pytest.param(
            [(1, RUNS, "a"), (40, UNKNOWN, "a"), (60, UNKNOWN, "a")], {"marker": ""}, None, id="blind not for long"
        ),
        pytest.param([(1, UNKNOWN, "a"), (50, UNKNOWN, "a")], {}, None, id="quiet, but the marker will come"),
        pytest.param(
            [(1, RUNS, "ab"), (2, IDLE, "ab")], {"baseline": 2, "marker": ""}, "idle", id="only what was there before"
        ),
        pytest.param(
            [(1, RUNS, "ab"), (2, IDLE, "ab")], {"baseline": 2}, "idle", id="intact list, marker unknown to it"
        ),
    ],
)
def test_what_ends_a_run(looks, options, end):
    watch, _ = watched(*looks, **options)
    assert watch.end == end


@pytest.mark.parametrize(
    ("looks", "options", "end"),
    [
        pytest.param([(1, UNKNOWN, None), (2, IDLE, "x")], {"marker": ""}, "restarted", id="nothing to know it by"),
        pytest.param([(1, UNKNOWN, None), (2, IDLE, "x")], {}, "restarted", id="nothing to know it by, and no marker"),
        pytest.param([(1, UNKNOWN, None), (2, IDLE, ["x", MARK])], {}, "marker", id="the marker is proof"),
        pytest.param([(1, UNKNOWN, None), (2, IDLE, "ox")], {"baseline": 1, "anchor": "o"}, "idle", id="known again"),
        pytest.param(
            [(1, UNKNOWN, None), (2, IDLE, "yx")], {"baseline": 1, "anchor": "o"}, "restarted", id="another's"
        ),
        pytest.param([(2, IDLE, "yx")], {"baseline": 1, "anchor": "o"}, "restarted", id="another's at once"),
        pytest.param([(2, IDLE, "x")], {}, "idle", id="never away"),
    ],
)
def test_a_process_that_went_away_is_known_again_by_its_memory(looks, options, end):
    watch, _ = watched(*looks, **options)
    assert watch.end == end


def test_each_message_is_told_once_in_order_without_the_marker():
    _, told = watched((1, RUNS, "a"), (2, RUNS, "a"), (3, RUNS, "abc"), (4, IDLE, ["a", "b", "c", "d", MARK]))
    assert told == [(0, "a"), (1, "b"), (2, "c"), (3, "d")]


def test_what_was_there_before_is_not_ours():
    _, told = watched((1, RUNS, "ab"), (2, IDLE, ["a", "b", "c", MARK]), baseline=2)
    assert told == [(0, "c")]


def test_what_comes_after_the_marker_is_anothers():
    watch, told = watched((1, RUNS, ["a", MARK, "x"]))
    assert told == [(0, "a")]
    assert watch.end == "marker"


def test_after_a_loss_numbering_goes_on():
    _, told = watched((1, RUNS, "ab"), (2, RUNS, "c"), (3, IDLE, ["c", "d", MARK]))
    assert told == [(0, "a"), (1, "b"), (2, "c"), (3, "d")]


def test_same_texts_are_told_as_often_as_they_come():
    _, told = watched((1, RUNS, "aa"), (2, IDLE, ["a", "a", "a", MARK]))
    assert told == [(0, "a"), (1, "a"), (2, "a")]


@pytest.mark.parametrize("text", ["Unknown command: /pm-end-2", f"I saw {MARK}", "pm-end-1"])
def test_a_text_that_imitates_the_marker_ends_nothing(text):
    watch, told = watched((1, RUNS, [text]))
    assert watch.end is None
    assert told == [(0, text)]


def test_time_in_the_queue_is_counted_apart():
    watch, _ = watched((5, WAITS, ""), (65, RUNS, ""), (70, RUNS, "a"), (80, IDLE, ["a", MARK]))
    assert (watch.queued_s, watch.run_s) == (60, 20)


def test_a_clock_that_goes_back_takes_no_time_away():
    watch, _ = watched((5, RUNS, ""), (1, RUNS, ""), (6, RUNS, ""))
    assert watch.run_s == 6


@pytest.mark.parametrize(
    ("looks", "options", "may_be_busy"),
    [
        ([(1, IDLE, ["a", MARK])], {}, False),
        ([(1, RUNS, ["a", MARK])], {}, False),
        ([(100, RUNS, "a")], {}, True),
        ([(100, UNKNOWN, "a")], {}, True),
        ([(1, RUNS, "ab"), (2, IDLE, "")], {}, False),
        ([(1, RUNS, "ab"), (12, UNKNOWN, None), (22, UNKNOWN, None)], {}, True),
    ],
)
def test_it_is_known_whether_something_may_still_run(looks, options, may_be_busy):
    watch, _ = watched(*looks, **options)
    watch.stop()
    assert watch.may_be_busy is may_be_busy


def test_a_stop_of_ours_ends_the_watching():
    watch, _ = watched((1, RUNS, "a"))
    watch.stop()
    assert watch.end == "stopped"


def test_time_behind_another_client_is_counted_as_time_in_the_queue():
    behind, begun = Busy(active=True, queued=2), Busy(active=True, queued=1)
    watch, _ = watched((5, behind, ""), (65, behind, "x"), (70, begun, "x"), (80, IDLE, ["x", "a", MARK]), ahead=1)
    assert (watch.queued_s, watch.run_s) == (65, 15)


def test_who_queues_behind_us_does_not_stop_our_time():
    behind, begun, more = Busy(active=True, queued=2), Busy(active=True, queued=1), Busy(active=True, queued=3)
    watch, _ = watched((5, behind, ""), (15, begun, ""), (25, more, ""), (35, more, ""), ahead=1)
    assert (watch.queued_s, watch.run_s) == (10, 25)
    watch, _ = watched((5, more, ""), (15, more, ""))
    assert watch.queued_s == 0


def test_it_is_known_how_far_the_list_went_when_the_run_was_over():
    watch, _ = watched((1, RUNS, ["old", "a", MARK, "another's"]), baseline=1)
    assert watch.place is not None
    assert (watch.place.count, watch.place.last) == (3, ScarMessage("c1", MARK, f"t{MARK}"))
    watch, _ = watched((1, IDLE, "ab"))
    assert watch.place is not None
    assert watch.place.count == 2
    watch, _ = watched((100, RUNS, "ab"))
    assert watch.place is None
