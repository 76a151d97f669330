"""`python -m app`, or `clearline`: all that an operator can say."""

import os
import sys

from app.cli.plainly import ENVIRONMENT, EXIT_ENVIRONMENT, EXIT_INTERRUPTED, in_plain_words
from app.cli.verbs import cli

if __name__ == "__main__":
    os.umask(0o077)  # what we write is the owner's alone
    try:
        cli(prog_name="clearline")
    except ENVIRONMENT as trouble:
        sys.stderr.write(in_plain_words(trouble) + "\n")
        sys.exit(EXIT_ENVIRONMENT)
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
