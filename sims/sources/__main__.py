"""`python -m sims.sources --api URL --customer ID --kind SALARY_IN [--every SECONDS]`."""

import argparse
import json
import signal
import sys
import threading
import time
from datetime import date
from pathlib import Path

import httpx2

from sims.sources.feed import SOURCE_OF, Event, batch, business_date, send

ROUNDS_MAX = 100_000
CUSTOMERS_MAX = 100
OK, REFUSED, ENVIRONMENT = 200, 1, 3


def main() -> int:
    """Send one event of each kind about each customer, once or steadily; 0 when every batch was taken."""
    asked = _arguments()
    keys = _keys(asked.keys)
    if keys is None:
        print(f"no keys in {asked.keys}: `clearline feed-sim` writes them", file=sys.stderr)  # noqa: T201
        return ENVIRONMENT
    leaving = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: leaving.set())
    rounds = asked.rounds or (ROUNDS_MAX if asked.every else 1)
    for done in range(1, rounds + 1):
        try:
            if not _round(asked, keys):
                return REFUSED
        except httpx2.HTTPError:
            print(f"nothing answers at {asked.api}", file=sys.stderr)  # noqa: T201
            return ENVIRONMENT
        if done < rounds and leaving.wait(asked.every or 0):
            break
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="sources simulator")
    parser.add_argument("--api", required=True, help="where the lender's API is")
    parser.add_argument("--customer", required=True, action="append", help="a customer's global id; may be repeated")
    parser.add_argument("--kind", required=True, action="append", choices=sorted(SOURCE_OF), help="may be repeated")
    parser.add_argument("--amount-minor", type=int, default=500_000, help="fen of each event")
    parser.add_argument("--date", type=date.fromisoformat, default=None, help="the lender's business date by default")
    parser.add_argument("--every", type=float, default=None, help="send again after so many seconds, steadily")
    parser.add_argument("--rounds", type=int, default=None, help="how often; with --every without end by default")
    parser.add_argument("--keys", type=Path, default=Path(".clearline/source-keys.json"), help="the sources' keys")
    asked = parser.parse_args()
    if len(asked.customer) > CUSTOMERS_MAX or not 0 <= (asked.rounds or 0) <= ROUNDS_MAX:
        parser.error(f"at most {CUSTOMERS_MAX} customers and {ROUNDS_MAX} rounds")
    return asked


def _keys(path: Path) -> dict[str, bytes] | None:
    if not path.exists():
        return None
    told = json.loads(path.read_text(encoding="utf-8"))
    return {source: bytes.fromhex(key) for source, key in told["keys"].items()}


def _round(asked: argparse.Namespace, keys: dict[str, bytes]) -> bool:
    """One batch of each source that the kinds belong to."""
    day = asked.date or business_date(asked.api, time.time_ns() // 10**9)
    for source in sorted({SOURCE_OF[kind] for kind in asked.kind}):
        kinds = [kind for kind in asked.kind if SOURCE_OF[kind] == source]
        events = [Event(customer, kind, day, asked.amount_minor) for customer in asked.customer for kind in kinds]
        seconds = time.time_ns() // 10**9
        status, told = send(asked.api, source, keys[source], batch(events, seconds), seconds)
        print(json.dumps({"source": source, "status": status, **told}), flush=True)  # noqa: T201
        if status != OK:
            return False
    return True


if __name__ == "__main__":
    raise SystemExit(main())
