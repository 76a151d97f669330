"""What tests told of themselves with `record_property("told", …)`, printed at the end of a run, also from workers."""

from typing import Any

MOST_LINES = 200


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """One line each, in order."""
    reports = [report for outcome in ("passed", "failed") for report in terminalreporter.stats.get(outcome, [])]
    lines = sorted(str(value) for report in reports for name, value in report.user_properties if name == "told")
    for line in lines[:MOST_LINES]:
        terminalreporter.write_line(line)
