"""Fingerprints are the well-known ones, and random words are long enough and all different."""

from __future__ import annotations

import string

from devteam_action.support.tokens import random_hex, sha256_hex


def test_a_fingerprint_is_the_one_of_the_standard():
    # FIPS 180-4, the example of one block.
    assert sha256_hex(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_random_words_have_two_digits_a_byte_and_never_repeat():
    words = {random_hex(16) for _ in range(500)}
    assert len(words) == 500
    assert all(len(word) == 32 and set(word) <= set(string.hexdigits.lower()) for word in words)
