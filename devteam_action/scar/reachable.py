"""Whether a SCAR server answers, in a few words: for `devteam health`."""

from __future__ import annotations

from devteam_action.domain.scar_config import ScarConfig
from devteam_action.errors import DevteamError
from devteam_action.scar.conversation import conversation_of


def reachable(settings: ScarConfig) -> str:
    """`available at …`, or why not, within seconds; whether its model works nobody can tell without a run."""
    from devteam_action.scar.client import ScarClient
    from devteam_action.scar.problems import ScarUnavailable
    from devteam_action.scar.sync import SyncScar

    with SyncScar(ScarClient(settings.base_url, prefix=settings.conversation_prefix)) as scar:
        try:
            scar.is_busy(conversation_of(settings.conversation_prefix, "probe"))
        except ScarUnavailable:
            return f"not reachable at {settings.base_url}"
        except DevteamError as error:
            return error.message
    return f"available at {settings.base_url}"
