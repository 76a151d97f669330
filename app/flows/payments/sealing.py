"""Ids that seal what they stand for: shown to one customer, quoted back by that customer, and forged by nobody."""

import base64
import binascii
import json
import secrets
from typing import Any

from app.doors.keys import Keys

_MAC_BYTES = 32
_SEAL_LENGTH_MAX = 2000


class NotOurs(ValueError):
    """The text is no seal of ours of this purpose."""


def seal(keys: Keys, purpose: str, prefix: str, body: dict[str, object]) -> str:
    """An id that holds `body`, a flat JSON object, and the proof that we made it. No two are the same."""
    plain = json.dumps({**body, "n": secrets.token_hex(8)}, separators=(",", ":")).encode()
    return prefix + _written(keys.mac(purpose, plain) + plain)


def unseal(keys: Keys, purpose: str, prefix: str, text: str) -> tuple[dict[str, Any], bytes]:
    """What a seal holds, and its very bytes.

    Raises:
        NotOurs: it is malformed, not canonical, or not made by us.
    """
    if not text.startswith(prefix) or len(text) > _SEAL_LENGTH_MAX:
        raise NotOurs
    written = text.removeprefix(prefix)
    try:
        sealed = base64.b64decode(written + "=" * (-len(written) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise NotOurs from error
    mac, plain = sealed[:_MAC_BYTES], sealed[_MAC_BYTES:]
    if not secrets.compare_digest(mac, keys.mac(purpose, plain)) or _written(sealed) != written:
        raise NotOurs
    body: dict[str, Any] = json.loads(plain)
    return body, sealed


def _written(sealed: bytes) -> str:
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")
