"""`python -m tests.vectors FILE…`: one line of JSON for each vector; ends with 1 when one of them failed."""

import sys
from pathlib import Path

from tests.vectors.running import Status, run_file


def main(paths: list[str]) -> int:
    """Run the files that are named."""
    if not paths:
        sys.stderr.write("usage: python -m tests.vectors FILE…\n")
        return 2
    outcomes = [outcome for path in paths for outcome in run_file(Path(path))]
    for outcome in outcomes:
        sys.stdout.write(outcome.line() + "\n")
    return int(any(outcome.status is Status.FAILED for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
