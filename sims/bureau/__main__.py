"""`python -m sims.bureau --port 8701 --store FILE.sqlite`."""

from sims.bureau.app import build
from sims.bureau.people import SEED
from sims.serving import run

if __name__ == "__main__":
    run(
        "bureau",
        8701,
        lambda arguments: build(arguments.store, arguments.timeout_seconds, arguments.name, arguments.seed),
        seed=SEED,
    )
