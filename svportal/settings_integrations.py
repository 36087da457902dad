"""Where the systems that companies connect are asked (docs/integrations)."""

from typing import Any

from svportal.settings_networks import networks


def integration_settings(env: Any) -> dict[str, Any]:
    return {
        # Host → where it is asked instead, and networks in which that may be though not public.
        "INTEGRATION_ADDRESSES": env.json("INTEGRATION_ADDRESSES", default={}),
        "INTEGRATION_NETWORKS": networks(env, "INTEGRATION_NETWORKS"),
    }
