"""Names of the jobs about own data."""

HAND_OVER = "HAND_OVER"
