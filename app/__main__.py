"""`python -m app`, or `clearline`: all that an operator can say."""

import os
import sys

from app.cli.house import EXIT_ENVIRONMENT, EXIT_INTERRUPTED
from app.cli.verbs import cli


def told_plainly() -> tuple[type[BaseException], ...]:
    """What the environment may do to a verb. To name it loads half of the house: only once something went wrong."""
    from app.cli.plainly import ENVIRONMENT

    return ENVIRONMENT


if __name__ == "__main__":
    os.umask(0o077)  # what we write is the owner's alone
    try:
        cli(prog_name="clearline")
    except SystemExit:  # how every verb ends
        raise
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
    except told_plainly() as trouble:
        from app.cli.plainly import in_plain_words

        sys.stderr.write(in_plain_words(trouble) + "\n")
        sys.exit(EXIT_ENVIRONMENT)
