"""In whatever order things go wrong, a permit costs one record at most, and none without a cosigned intent.

`CLEARLINE_WALK_SEEDS=200:300 make long PYTEST_ARGS="tests/flows/ledger/test_any_order.py"` takes other walks, or one
again by its seed. docs/walks.md tells how many were taken with a memory.
"""

import os
import sys
from pathlib import Path

import pytest

from tests.flows.ledger.walking import STEPS, seeds_of, take, told
from tests.needs import LONG

SEEDS = seeds_of(os.environ.get("CLEARLINE_WALK_SEEDS", "0:1000" if LONG else "0:2"))


async def test_no_order_of_events_costs_a_second_record_or_an_unannounced_one(
    tmp_path: Path, bureau_url: str, payments_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    walks = []
    for seed in SEEDS:
        walks.append(await take(seed, STEPS, tmp_path / str(seed), bureau_url, payments_url))
        assert walks[-1].wrong == []
    with capsys.disabled():
        sys.stdout.write(f"\n{told(walks)}\n")
    assert sum(walk.inquiries for walk in walks) > 0
