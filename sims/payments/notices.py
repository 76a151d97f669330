"""The bank telling of a payment: `python -m sims.payments.notices --api URL --customer ID --kind PAID …`.

It knows the format alone, and signs by means of its own.
"""

import argparse
import hashlib
import hmac
import json
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2

from sims.sources.feed import business_date

SCHEMA = "clearline-bank-notice/1"
KINDS = ("PAID", "RETURNED", "MISTAKEN")
SECONDS = 10.0
TIMES_MAX = 100
OK, REFUSED, ENVIRONMENT = 200, 1, 3


def notice(kind: str, reference: str, subject: str, amount_minor: int, value_on: date, **more: Any) -> bytes:  # noqa: ANN401 - any member
    """The bytes of a notice, with a fresh id unless one is given; `more` are further members, or others instead."""
    told = {
        "schema": SCHEMA,
        "noticeId": uuid4().hex,
        "kind": kind,
        "reference": reference,
        "subject": subject,
        "amountMinor": amount_minor,
        "currency": "CNY",
        "valueOn": value_on.isoformat(),
    }
    return json.dumps({**told, **more}).encode()


def headers(key: bytes, body: bytes, seconds: int) -> dict[str, str]:
    """What goes beside the bytes: their kind, the moment, and the signature over both."""
    signature = hmac.new(key, f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return {
        "content-type": "application/json",
        "clearline-timestamp": str(seconds),
        "clearline-signature": signature,
    }


def main() -> int:
    """Send one notice, the same bytes so many times; 0 when it was taken each time."""
    asked = _arguments()
    if not asked.keys.exists():
        print(f"no keys in {asked.keys}: `clearline feed-sim` writes them", file=sys.stderr)  # noqa: T201
        return ENVIRONMENT
    key = bytes.fromhex(json.loads(asked.keys.read_text(encoding="utf-8"))["keys"]["BANK"])
    try:
        day = asked.date or business_date(asked.api, time.time_ns() // 10**9)
        more = {"noticeId": asked.notice_id} if asked.notice_id else {}
        more |= {"loan": asked.loan} if asked.loan else {}
        body = notice(asked.kind, asked.reference, asked.customer, asked.amount_minor, day, **more)
        for _ in range(min(asked.times, TIMES_MAX)):
            if not _send(asked.api, key, body):
                return REFUSED
    except httpx2.HTTPError:
        print(f"nothing answers at {asked.api}", file=sys.stderr)  # noqa: T201
        return ENVIRONMENT
    return 0


def _send(api: str, key: bytes, body: bytes) -> bool:
    sent = headers(key, body, time.time_ns() // 10**9)
    with httpx2.Client(timeout=SECONDS, trust_env=False) as http:
        answer = http.post(f"{api}/bank/notices", content=body, headers=sent)
    print(json.dumps({"status": answer.status_code, **answer.json()}), flush=True)  # noqa: T201
    return answer.status_code == OK


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bank notices")
    parser.add_argument("--api", required=True, help="where the lender's API is")
    parser.add_argument("--customer", required=True, help="the customer's global id")
    parser.add_argument("--kind", required=True, choices=KINDS)
    parser.add_argument("--reference", required=True, help="names the payment")
    parser.add_argument("--amount-minor", type=int, required=True, help="fen")
    parser.add_argument("--loan", default=None, help="a loan's global id, if the payer named one")
    parser.add_argument("--date", type=date.fromisoformat, default=None, help="the lender's business date by default")
    parser.add_argument("--notice-id", default=None, help="fresh by default")
    parser.add_argument("--times", type=int, default=1, help="how often the same bytes are sent")
    parser.add_argument("--keys", type=Path, default=Path(".clearline/source-keys.json"), help="the neighbours' keys")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
