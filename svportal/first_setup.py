"""Write `.env` with generated secrets, once. Run it with any Python: it needs no packages."""

import json
import os
import secrets
from pathlib import Path

DOT_ENV = Path(__file__).resolve().parent.parent / ".env"


def contents():
    key = {"kid": "k1", "alg": "HS256", "state": "active", "secret": secrets.token_hex(32)}
    return "\n".join(
        [
            "# Written at the first set-up. Keep it secret, keep it out of version control.",
            "DEBUG=on",
            f"SECRET_KEY={secrets.token_urlsafe(50)}",
            f"APITOKENS_KEYS={json.dumps([key], separators=(',', ':'))}",
            f"DEMO_PASSWORD={secrets.token_urlsafe(9)}",
            "",
        ]
    )


def main():
    try:
        descriptor = os.open(DOT_ENV, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(contents())
    print("Wrote .env with generated secrets (mode 600).")


if __name__ == "__main__":
    main()
