"""Makes the environment that `devteam action` runs in, and gives its Python as the step output `python`.

`python3 -I install.py`, with the standard library alone and on any Python from 3.8: it must be able to say that a
Python is too old. What is installed is `requirements/action.txt`, pinned by hash, wheels alone, nothing built.
Which index answers is for pip's and uv's own configuration to decide; no host is named here.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements" / "action.txt"
UV_LOCK = ROOT / "requirements" / "uv.txt"
NEEDED = (3, 11)
NEWER = ("python3.14", "python3.13", "python3.12", "python3.11")
PINNED = ("--require-hashes", "--no-deps", "--only-binary", ":all:")
LIMIT_S = 300
# Installers are programs of others: they see what they need to find an index, and neither tokens nor model keys.
_KEPT = re.compile(
    r"(?i)(PATH|HOME|USER|LOGNAME|TMPDIR|TEMP|TMP|LANG|LC_\w+|SYSTEMROOT|USERPROFILE|(LOCAL)?APPDATA|PROGRAMDATA"
    r"|XDG_\w+|PIP_\w+|NETRC|\w+_PROXY|SSL_CERT_\w+|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE"
    # Of uv's what says where packages come from: others would change what is installed, or switch off its hashes.
    r"|UV_(\w*INDEX\w*|FIND_LINKS|KEYRING_PROVIDER|CACHE_DIR|NO_CACHE|LINK_MODE|OFFLINE|INSECURE_HOST|NATIVE_TLS"
    r"|SYSTEM_CERTS|HTTP_\w+|CONCURRENT_\w+|CONFIG_FILE))$"
)
# Where pip was told by environment and uv was not, uv hears it too.
_SAME = {
    "PIP_INDEX_URL": "UV_DEFAULT_INDEX",
    "PIP_EXTRA_INDEX_URL": "UV_INDEX",
    "PIP_FIND_LINKS": "UV_FIND_LINKS",
    "PIP_CERT": "SSL_CERT_FILE",
}


class Failed(Exception):
    """It cannot go on; the text is one sentence or two for people."""


def main(env: Mapping[str, str]) -> int:
    """Installs, or finds what is installed; exit code 4 with one clear sentence when it cannot."""
    started = time.monotonic()
    try:
        base = base_python(env)
        folder = folder_of(base, Path(env.get("RUNNER_TEMP") or tempfile.gettempdir()))
        how = "was there already" if python_in(folder).exists() else made(folder, base, installer_env(env))
    except (Failed, OSError) as error:
        _say(f"::error title=DevTeam Action could not be installed::{_escaped(str(error))}")
        return 4
    _say(f"DevTeam Action's environment {how} ({time.monotonic() - started:.1f} s).")
    output = env.get("GITHUB_OUTPUT")
    if output:
        with Path(output).open("a", encoding="utf-8") as file:
            file.write(f"python={python_in(folder)}\n")
    return 0


def base_python(env: Mapping[str, str]) -> str:
    """The Python that runs this, or a newer one on PATH where this one is too old."""
    if sys.version_info >= NEEDED:
        return sys.executable
    for name in NEWER:
        found = shutil.which(name, path=env.get("PATH"))
        if found:
            return found
    wanted = ".".join(map(str, NEEDED))
    raise Failed(
        f"This job's python3 is {sys.version.split()[0]}; DevTeam Action needs {wanted} or newer. "
        "Put a step with actions/setup-python before it."
    )


def folder_of(base: str, temp: Path) -> Path:
    """Where the environment belongs: another lock, Python or version of the action gets another folder."""
    said = (LOCK.read_bytes(), os.path.realpath(base).encode(), sys.version.encode(), str(ROOT).encode())
    return temp / "devteam" / hashlib.sha256(b"\0".join(said)).hexdigest()[:16]


def python_in(folder: Path) -> Path:
    """The environment's Python."""
    return folder / "Scripts" / "python.exe" if os.name == "nt" else folder / "bin" / "python"


def installer_env(env: Mapping[str, str]) -> dict[str, str]:
    """What pip and uv get of the environment."""
    kept = {name: value for name, value in env.items() if _KEPT.match(name)}
    for pip, uv in _SAME.items():
        if kept.get(pip):
            kept.setdefault(uv, kept[pip])
    return kept


def made(folder: Path, base: str, env: Mapping[str, str]) -> str:
    """Makes the environment beside its place and renames it there: whoever is killed or late spoils nothing."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix="making-", dir=folder.parent))
    try:
        how = _filled(building / "env", base, env, building)
        site = Path(_run((str(python_in(building / "env")), "-I", "-c", _WHERE), env, building).strip())
        # The action itself is not installed but found where the runner put it, templates and all.
        (site / "devteam-action.pth").write_text(f"{ROOT}\n", encoding="utf-8")
        try:
            (building / "env").rename(folder)
        except OSError:
            if not python_in(folder).exists():
                raise
            return "was made by another step meanwhile"
        return how
    finally:
        shutil.rmtree(building, ignore_errors=True)


_WHERE = "import sysconfig; print(sysconfig.get_path('purelib'))"


def _filled(place: Path, base: str, env: Mapping[str, str], scratch: Path) -> str:
    """The first way that works: uv, which is quick; else what every Python has."""
    ways: tuple[Callable[[Path, str, Mapping[str, str], Path], str], ...] = (_by_uv, _by_pip)
    said: list[str] = []
    for way in ways:
        try:
            return way(place, base, env, scratch)
        except Failed as error:
            said.append(str(error))
            shutil.rmtree(place, ignore_errors=True)
    raise Failed(
        f"{said[-1]}. See that this runner reaches the package index that pip or uv is configured for "
        "(PIP_INDEX_URL, UV_DEFAULT_INDEX, pip.conf), or start the job again. The log of this step has all they said."
    )


def _by_uv(place: Path, base: str, env: Mapping[str, str], scratch: Path) -> str:
    uv = shutil.which("uv", path=env.get("PATH"))
    got = "by uv" if uv else "by uv, which pip got"
    if not uv:
        tools = scratch / "tools"
        wanted = ("--retries", "2", *PINNED, "--target", str(tools), "-r", str(UV_LOCK))
        _run((base, "-I", "-m", "pip", "install", "--quiet", *wanted), env, scratch)
        uv = str(tools / "bin" / ("uv.exe" if os.name == "nt" else "uv"))
    _run((uv, "venv", "--quiet", "--no-project", "--python", base, str(place)), env, scratch)
    # Nothing is compiled ahead: a job starts us once or twice, and imports a part of what is installed. Measured:
    # 1.0 s of CPU for both with compiling at import, 1.4 s with compiling all.
    into = ("--python", str(python_in(place)), "--no-compile-bytecode")
    no_index = ("--no-index",) if env.get("PIP_NO_INDEX", "0").lower() not in ("", "0", "false", "no", "off") else ()
    _run((uv, "pip", "install", "--quiet", *into, *no_index, *PINNED, "-r", str(LOCK)), env, scratch)
    return f"was made {got}"


def _by_pip(place: Path, base: str, env: Mapping[str, str], scratch: Path) -> str:
    _run((base, "-I", "-m", "venv", str(place)), env, scratch)
    pip = (str(python_in(place)), "-I", "-m", "pip", "install", "--quiet", "--retries", "2", "--no-compile")
    _run((*pip, *PINNED, "-r", str(LOCK)), env, scratch)
    return "was made by venv and pip"


def _run(argv: Sequence[str], env: Mapping[str, str], cwd: Path) -> str:
    """The output of a program in a folder that nobody else writes; what a failing one said goes to the log."""
    name = " ".join(Path(each).name for each in argv[: 4 if "-m" in argv else 2])
    try:
        done = subprocess.run(argv, env=env, cwd=cwd, capture_output=True, stdin=subprocess.DEVNULL, timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        raise Failed(f"`{name}` gave no answer within {LIMIT_S} s") from None
    except OSError as error:
        raise Failed(f"`{name}` does not start: {error.strerror}") from None
    if done.returncode:
        # An address may hold a password; a line that begins with `::` would be a command to the runner.
        said = re.sub(r"//[^/@\s]+@", "//***@", done.stderr.decode("utf-8", "replace") or "it said nothing").strip()
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        _say("\n".join(f"| {line}" for line in (f"{name} ended with exit code {done.returncode}", *lines)))
        raise Failed(f"`{name}` failed: {_gist(lines)}")
    return done.stdout.decode("utf-8", "replace")


def _gist(lines: Sequence[str]) -> str:
    """The line that says most: pip's last error, else the last line of all."""
    errors = [line for line in lines if re.match(r"(?i)error|×", line)]
    return (errors or list(lines))[-1][:400]


def _escaped(text: str) -> str:
    """Text as the data of a workflow command (GitHub's own escapes)."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main(os.environ))
