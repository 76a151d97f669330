"""`python -m app`, or `clearline`: all that an operator can say."""

from app.cli.verbs import cli

if __name__ == "__main__":
    cli(prog_name="clearline")
