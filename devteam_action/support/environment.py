"""What a child process may see of our environment: an allow-list, never the whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

# Where programs, homes and certificates are, how text is written, and how the network is reached. No tokens, no
# `GITHUB_*`, no `ACTIONS_*`, no `PIP_INDEX_URL` (it may hold a password): who needs more must name it in `keep`.
_ALLOWED = frozenset(
    {
        "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TERM", "VIRTUAL_ENV",
        "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "SSL_CERT_FILE", "SSL_CERT_DIR",
        "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY",
        "ALL_PROXY", "http_proxy", "https_proxy", "no_proxy", "all_proxy", "LD_LIBRARY_PATH", "PYENV_ROOT",
        "PYENV_VERSION", "SYSTEMROOT", "COMSPEC", "PATHEXT", "TEMP", "TMP",
    }
)  # fmt: skip


def child_environment(
    source: Mapping[str, str], *, keep: Iterable[str] = (), add: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The allowed part of `source`, the names in `keep` too, then `add` on top."""
    kept = _ALLOWED.union(keep)
    chosen = {name: value for name, value in source.items() if name in kept or name.startswith("LC_")}
    return {**chosen, **(add or {})}
