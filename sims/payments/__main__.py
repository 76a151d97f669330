"""`python -m sims.payments --port 8702 --store FILE.sqlite`."""

from sims.payments.app import build
from sims.serving import run

if __name__ == "__main__":
    run("payments", 8702, lambda arguments: build(arguments.store, arguments.timeout_seconds))
