"""A source of own data: makes events, signs a batch, sends it. It knows the format alone."""

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from uuid import uuid4

import httpx2

SCHEMA = "clearline-source-events/1"
EVENTS_MAX = 500
SECONDS = 10.0
BUSINESS_ZONE = timezone(timedelta(hours=8))
SOURCE_OF = {
    "SALARY_IN": "PAYMENTS",
    "SPENDING": "PAYMENTS",
    "CASH_SHORTFALL": "PAYMENTS",
    "BALANCE": "WEALTH",
    "BILL_ON_TIME": "LIFE_SERVICES",
    "BILL_LATE": "LIFE_SERVICES",
    "CONTACT_VOUCHED": "SOCIAL",
}


@dataclass(frozen=True, slots=True)
class Event:
    """One event about a customer, who is known by the lender's own id. The amount is fen."""

    subject: str
    kind: str
    occurred_on: date
    amount_minor: int


def batch(events: list[Event], sent_at_seconds: int) -> bytes:
    """The bytes of a batch with fresh ids.

    Raises:
        ValueError: no event, or more than a batch may hold.
    """
    if not 1 <= len(events) <= EVENTS_MAX:
        raise ValueError(f"a batch has 1 to {EVENTS_MAX} events")
    told = {
        "schema": SCHEMA,
        "batchId": str(uuid4()),
        "sentAt": datetime.fromtimestamp(sent_at_seconds, UTC).isoformat(),
        "events": [
            {
                "id": uuid4().hex,
                "subject": event.subject,
                "kind": event.kind,
                "occurredOn": event.occurred_on.isoformat(),
                "amountMinor": event.amount_minor,
            }
            for event in events
        ],
    }
    return json.dumps(told).encode()


def headers(key: bytes, body: bytes, seconds: int) -> dict[str, str]:
    """What goes beside the bytes: their kind, the moment, and the signature over both."""
    signature = hmac.new(key, f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return {
        "content-type": "application/json",
        "clearline-timestamp": str(seconds),
        "clearline-signature": signature,
    }


def send(api: str, source: str, key: bytes, body: bytes, seconds: int) -> tuple[int, dict[str, Any]]:
    """Send a batch; status and answer."""
    with httpx2.Client(timeout=SECONDS, trust_env=False) as http:
        answer = http.post(f"{api}/sources/{source}/events", content=body, headers=headers(key, body, seconds))
        told: dict[str, Any] = answer.json()
        return answer.status_code, told


def business_date(api: str, seconds: int) -> date:
    """The lender's business date, which in a sandbox may be ahead; the machine's day of UTC+8 where it is not told."""
    with httpx2.Client(timeout=SECONDS, trust_env=False) as http:
        told = http.post(f"{api}/graphql", json={"query": "{ sandboxClock { businessDate } }"}).json()
    if told.get("data"):
        return date.fromisoformat(told["data"]["sandboxClock"]["businessDate"])
    return datetime.fromtimestamp(seconds, BUSINESS_ZONE).date()
