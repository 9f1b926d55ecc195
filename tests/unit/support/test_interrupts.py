"""Signals: the first saves the work, the other one is the same request, the same once more does not wait."""

from __future__ import annotations

import signal

import pytest

from devteam_action.support.interrupts import Interrupts

BOTH = [(signal.SIGINT, signal.SIGTERM), (signal.SIGTERM, signal.SIGINT)]


@pytest.mark.parametrize(("first", "other"), BOTH)
def test_the_other_signal_is_the_same_request(first, other):
    interrupts, called = Interrupts(), []
    with interrupts.installed(), interrupts.calling(lambda: called.append(1)):
        signal.raise_signal(first)
        signal.raise_signal(other)
    assert called == [1]
    assert interrupts.exit_code == 128 + first


@pytest.mark.parametrize(("first", "other"), BOTH)
def test_it_stays_so_after_the_work_is_saved(first, other):
    interrupts = Interrupts()
    with interrupts.installed():
        with interrupts.calling(lambda: None):
            signal.raise_signal(first)
        signal.raise_signal(other)
    assert interrupts.number == first


@pytest.mark.parametrize(("first", "other"), BOTH)
def test_the_same_signal_once_more_does_not_wait(first, other):
    interrupts = Interrupts()
    with interrupts.installed(), interrupts.calling(lambda: None):
        signal.raise_signal(first)
        signal.raise_signal(other)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(first)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(other)


def test_where_nothing_is_to_be_saved_the_first_ends_it():
    interrupts = Interrupts()
    with interrupts.installed(), pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGTERM)
    assert interrupts.exit_code == 143
