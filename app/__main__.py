"""`python -m app`, or `clearline`: all that an operator can say."""

import sys

from app.cli.plainly import ENVIRONMENT, EXIT_ENVIRONMENT, in_plain_words
from app.cli.verbs import cli

if __name__ == "__main__":
    try:
        cli(prog_name="clearline")
    except ENVIRONMENT as trouble:
        sys.stderr.write(in_plain_words(trouble) + "\n")
        sys.exit(EXIT_ENVIRONMENT)
