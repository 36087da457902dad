"""How news of cases goes out by webhooks (docs/webhooks.md)."""

from typing import Any

from svportal.settings_networks import networks


def integration_settings(env: Any) -> dict[str, Any]:
    return {
        # Where endpoints may stand whose addresses are not public: "10.20.0.0/16"
        "WEBHOOK_NETWORKS": networks(env, "WEBHOOK_NETWORKS"),
        "WEBHOOK_PORTS": env.list("WEBHOOK_PORTS", cast=int, default=[443]),
        # From where our requests come, for customers' firewalls; only shown.
        "WEBHOOK_SOURCES": env.list("WEBHOOK_SOURCES", default=[]),
        # Requests under way at once: in a worker's process, and at one endpoint.
        "WEBHOOK_THREADS": env.int("WEBHOOK_THREADS", default=48),
        "WEBHOOK_CONCURRENCY": env.int("WEBHOOK_CONCURRENCY", default=4),
    }
