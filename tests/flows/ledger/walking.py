"""`python -m tests.flows.ledger.walking --seeds 0:1000 --kept FILE`: many walks, one after the other, with a memory.

Each finished walk is a line of the file, so a run that was stopped goes on where it was, and a wider range of seeds
takes only what is missing. `--seeds 17:18` takes one walk again.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
from uvicorn.loops.auto import auto_loop_factory

from app.api.observe import set_up_logging
from app.cli.start.serving import settle_memory
from tests.flows.ledger.walk import Walk
from tests.sims.outsiders import process
from tests.world import open_world

STEPS = 1000
TIMEOUT_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Taken:
    """What one walk came to."""

    seed: int
    steps: dict[str, int]
    inquiries: int
    wrong: list[str]


async def take(seed: int, steps: int, home: Path, bureau_url: str, payments_url: str) -> Taken:
    """One walk in a house of its own below `home`."""
    home.mkdir()  # noqa: ASYNC240 - nothing else waits for this loop
    async with (
        httpx2.AsyncClient(base_url=bureau_url, trust_env=False) as http,
        open_world(
            f"sqlite://{home / 'book.sqlite'}",
            home,
            bureau_url,
            payments_url,
            bureau_timeout_seconds=TIMEOUT_SECONDS,
        ) as world,
    ):
        walk = Walk(world, seed, http)
        await walk.go(steps)
    return Taken(seed, dict(walk.taken), len(walk.permit_of), walk.wrong)


def seeds_of(text: str) -> range:
    """`A:B`, without B.

    Raises:
        ValueError: it is not of this form.
    """
    first, last = (int(part) for part in text.split(":"))
    return range(first, last)


def remembered(kept: Path) -> list[Taken]:
    """The walks of a file; a line that was cut off by a kill is none."""
    walks = []
    for line in kept.read_text(encoding="utf-8").splitlines() if kept.exists() else []:
        try:
            walks.append(Taken(**json.loads(line)))
        except ValueError:
            continue
    return walks


def told(walks: list[Taken]) -> str:
    """The sum of walks, in a line."""
    steps: Counter[str] = Counter()
    for one in walks:
        steps += Counter(one.steps)
    inquiries, wrong = sum(one.inquiries for one in walks), sum(bool(one.wrong) for one in walks)
    return (
        f"{len(walks)} walks, {sum(steps.values())} steps, {inquiries} inquiries recorded, {wrong} walks went wrong:"
        f" {dict(steps.most_common())}"
    )


@contextmanager
def neighbours(home: Path) -> Iterator[tuple[str, str]]:
    """A bureau and a payment service, and where they are."""
    with (
        process("sims.bureau", home / "bureau.sqlite", "--timeout-seconds", "3") as (_bureau, at_bureau),
        process("sims.payments", home / "payments.sqlite") as (_payments, at_payments),
    ):
        yield str(at_bureau.base_url).rstrip("/"), str(at_payments.base_url).rstrip("/")


def main() -> int:
    """Take the walks of the arguments that are not in the file yet; 1 when one went wrong."""
    parser = argparse.ArgumentParser(prog="walking", description=__doc__)
    parser.add_argument("--seeds", type=seeds_of, required=True, help="A:B, without B")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--kept", type=Path, help="where the walks are remembered")
    asked = parser.parse_args()
    walks = remembered(asked.kept) if asked.kept else []
    known = {one.seed for one in walks}
    settle_memory()
    for seed in asked.seeds:
        if seed in known:
            continue
        with (
            tempfile.TemporaryDirectory() as folder,
            neighbours(Path(folder)) as urls,
            asyncio.Runner(loop_factory=auto_loop_factory()) as runner,  # the loop that the product runs on
        ):
            taken = runner.run(take(seed, asked.steps, Path(folder) / str(seed), *urls))
        walks.append(taken)
        line = json.dumps({"seed": seed, "steps": taken.steps, "inquiries": taken.inquiries, "wrong": taken.wrong})
        if asked.kept:
            with asked.kept.open("a", encoding="utf-8") as file:
                file.write(f"{line}\n")
        if taken.wrong:
            sys.stdout.write(f"{line}\n")
    sys.stdout.write(f"{told(walks)}\n")
    return int(any(one.wrong for one in walks))


if __name__ == "__main__":
    set_up_logging("CRITICAL")
    sys.exit(main())
