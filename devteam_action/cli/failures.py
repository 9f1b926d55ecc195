"""What the operating system refuses, as errors that people can act on."""

from __future__ import annotations

import errno

from devteam_action.errors import DevteamError, SystemRefused

_REMEDY = {
    errno.ENOSPC: "free some disk space, then run the same command again",
    errno.EDQUOT: "free some of your disk quota, then run the same command again",
    errno.EFBIG: "free some disk space (or lift the limit on file sizes), then run the same command again",
    errno.EACCES: "give yourself the right to that path, then run the same command again",
    errno.EPERM: "give yourself the right to that path, then run the same command again",
    errno.EROFS: "the file system is read-only: work in another place",
    errno.EMFILE: "raise the limit of open files (`ulimit -n`)",
    errno.ENFILE: "close some programs: the machine has too many files open",
    errno.EIO: "look at the disk: it cannot be read or written",
    errno.ENOMEM: "close some programs: the machine has no memory left",
}


def refused(error: BaseException) -> DevteamError | None:
    """An error of the operating system that is nobody's bug; None for any other."""
    if isinstance(error, FileNotFoundError) and "temporary directory" in str(error):
        return SystemRefused(
            "there is no folder for temporary files that can be written to",
            remedy="make room on the disk, or set TMPDIR to a folder of yours",
        )
    if not isinstance(error, OSError) or error.errno not in _REMEDY:
        return None
    where = f"{error.filename}: " if error.filename else ""
    return SystemRefused(f"{where}{error.strerror}", remedy=_REMEDY[error.errno])
