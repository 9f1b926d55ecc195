"""Random words and fingerprints, for modules that every command imports.

`secrets` and `hashlib` bring OpenSSL and more with them, which takes longer to load than a short task list to read.
"""

from __future__ import annotations

import os


def random_hex(size: int) -> str:
    """`size` bytes of the system's randomness as hexadecimal digits (what `secrets.token_hex` is)."""
    return os.urandom(size).hex()


def sha256_hex(data: bytes) -> str:
    """The SHA-256 of `data` as 64 hexadecimal digits."""
    import hashlib

    return hashlib.sha256(data).hexdigest()
