"""Names of the jobs that oversight does."""

WATCH = "WATCH"
