"""One answer for one idempotency key (CONTRACT: commands): kept on the state branch for at least 24 hours."""

from __future__ import annotations

import threading
from collections.abc import Callable

import msgspec

from devteam_action.errors import BadInput, DevteamError, StateConflict
from devteam_action.pipeline.ports import Clock, Snapshot, StateStore
from devteam_action.pipeline.state.codec import encode, project_changes, sound
from devteam_action.pipeline.state.leases import LEASE_S, is_before, later
from devteam_action.pipeline.state.paths import idempotency_file
from devteam_action.pipeline.state.records import Answer, StoredRequest
from devteam_action.support.owner import is_gone, this_owner
from devteam_action.support.tokens import random_hex, sha256_hex

_KEPT_S = 48 * 3600  # twice the promise: clocks differ
_RENEW_S = 5 * 60
_LONGEST_KEY = 500


def once(
    store: StateStore, clock: Clock, customer_id: str, key: str, request: bytes, act: Callable[[], Answer]
) -> Answer:
    """Runs `act` for the first request of `key`; later ones get its stored answer, byte for byte.

    Raises BadInput when the key came with another request, StateConflict while the first still runs. When `act`
    raises, nothing is stored and the key is free again: an answer, good or bad, is what `act` returns.
    """
    if not key or len(key) > _LONGEST_KEY:
        raise BadInput(f"--idempotency-key: expected 1 to {_LONGEST_KEY} characters, got {len(key)}")
    digest = sha256_hex(request)
    token = random_hex(16)
    stored = _reserve(store, clock, customer_id, key, digest, token)
    if stored.answer is not None:
        return stored.answer
    finished = threading.Event()
    renewing = threading.Thread(target=_renew, args=(store, clock, key, token, finished), daemon=True)
    renewing.start()
    try:
        answer = act()
    except BaseException:
        _finish(renewing, finished)
        _free(store, key, token)
        raise
    _finish(renewing, finished)
    _record(store, clock, key, msgspec.structs.replace(stored, token="", lease_until="", owner="", answer=answer))
    return answer


def has_answer(snapshot: Snapshot, key: str) -> bool:
    """Whether the first request of `key` has its answer."""
    held = sound(snapshot, idempotency_file(key), StoredRequest)
    return held is not None and held.answer is not None


def _reserve(store: StateStore, clock: Clock, customer_id: str, key: str, digest: str, token: str) -> StoredRequest:
    path = idempotency_file(key)
    result: list[StoredRequest] = []

    def change(snapshot: Snapshot) -> dict[str, bytes | None]:
        now = clock.now()
        changes = project_changes(snapshot, customer_id, now)
        held = sound(snapshot, path, StoredRequest)
        if held is not None and is_before(now, later(held.at, _KEPT_S)):
            if held.request != digest:
                raise BadInput(
                    f"the idempotency key `{key}` was used for another request at {held.at}",
                    remedy="use a new key for a new request",
                )
            if held.answer is not None:
                result[:] = [held]
                return {}
            if held.token != token and is_before(now, held.lease_until) and not is_gone(held.owner):
                raise StateConflict(
                    f"the first request with the idempotency key `{key}` (of {held.at}) still runs",
                    remedy="ask again with the same key when it has ended",
                )
        until = later(now, LEASE_S)
        mine = StoredRequest(request=digest, at=now, token=token, lease_until=until, owner=this_owner())
        result[:] = [mine]
        return {**changes, **_outdated(snapshot, path, now), path: encode(mine)}

    store.update("Reserve an idempotency key", change)
    return result[0]


def _outdated(snapshot: Snapshot, path: str, now: str) -> dict[str, bytes | None]:
    """Old keys of the same folder: each write sweeps one of 256, so that nobody ever lists them all."""
    folder = path.rsplit("/", 1)[0] + "/"
    gone: dict[str, bytes | None] = {}
    for other in snapshot.paths(folder):
        held = sound(snapshot, other, StoredRequest)
        if held is None or not is_before(now, later(held.at, _KEPT_S)):
            gone[other] = None
    return gone


def _record(store: StateStore, clock: Clock, key: str, answered: StoredRequest) -> None:
    path = idempotency_file(key)
    done = msgspec.structs.replace(answered, at=clock.now())
    store.update("Record an answer", lambda _: {path: encode(done)})


def _free(store: StateStore, key: str, token: str) -> None:
    path = idempotency_file(key)

    def change(snapshot: Snapshot) -> dict[str, bytes | None]:
        held = sound(snapshot, path, StoredRequest)
        return {path: None} if held is not None and held.token == token else {}

    try:
        store.update("Free an idempotency key", change)
    except DevteamError:
        return  # what `act` raised matters more; the lease runs out by itself


def _renew(store: StateStore, clock: Clock, key: str, token: str, finished: threading.Event) -> None:
    path = idempotency_file(key)

    def change(snapshot: Snapshot) -> dict[str, bytes | None]:
        held = sound(snapshot, path, StoredRequest)
        if held is None or held.token != token:
            return {}
        return {path: encode(msgspec.structs.replace(held, lease_until=later(clock.now(), LEASE_S)))}

    while not finished.wait(_RENEW_S):
        try:
            store.update("Renew an idempotency key", change)
        except DevteamError:
            continue  # the remote may be back before the lease ends


def _finish(renewing: threading.Thread, finished: threading.Event) -> None:
    finished.set()
    renewing.join()
