"""In whatever order things go wrong, a permit costs one record at most, and none without a cosigned intent.

`CLEARLINE_WALK_SEEDS=200-299 make long PYTEST_ARGS="tests/flows/ledger/test_any_order.py"` takes other walks, or one
again by its seed.
"""

import os
import sys
from collections import Counter
from pathlib import Path

import httpx2
import pytest

from tests.flows.ledger.walk import Walk
from tests.needs import LONG
from tests.world import open_world

STEPS = 1000 if LONG else 350
FIRST, LAST = (int(part) for part in os.environ.get("CLEARLINE_WALK_SEEDS", "0-999" if LONG else "0-2").split("-"))


async def test_no_order_of_events_costs_a_second_record_or_an_unannounced_one(
    tmp_path: Path, bureau_url: str, payments_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    taken: Counter[str] = Counter()
    for seed in range(FIRST, LAST + 1):
        home = tmp_path / str(seed)
        home.mkdir()
        book = f"sqlite://{home / 'book.sqlite'}"
        async with (
            httpx2.AsyncClient(base_url=bureau_url, trust_env=False) as http,
            open_world(book, home, bureau_url, payments_url, bureau_timeout_seconds=0.2) as world,
        ):
            walk = Walk(world, seed, http)
            await walk.go(STEPS)
            taken += walk.taken
        assert walk.wrong == [], walk.wrong[:3]
    with capsys.disabled():
        sys.stdout.write(f"\nwalks {FIRST} to {LAST}, {sum(taken.values())} steps: {dict(taken.most_common())}\n")
