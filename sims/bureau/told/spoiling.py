"""Reports that are not as they should be."""

from datetime import datetime, timedelta

from sims.bureau.faults import Kind
from sims.bureau.told.accounts import Block

STALE_DAYS = 40


def malformed(report: Block) -> Block:
    """The report with a time that is none."""
    return {**report, "PA01": {**_members(report["PA01"]), "PA01AR01": "yesterday"}}


def of_somebody_else(report: Block) -> Block:
    """The report under another person's header."""
    header = _members(report["PA01"])
    return {**report, "PA01": {**header, "PA01BQ01": "someone else", "PA01BI01": "990000190001010999"}}


def with_unknown_code(report: Block) -> Block:
    """The report with a query record whose reason no table knows."""
    queries = report.get("PH01")
    strange: Block = {"PH010R01": "2020-01-01", "PH010D01": "11", "PH010Q02": "B-ALDER", "PH010Q03": "77"}
    return {**report, "PH01": [strange, *(queries if isinstance(queries, list) else [])]}


def cut_short(report: Block) -> Block:
    """The report without its last block."""
    return dict(list(report.items())[:-1])


def stale(report: Block) -> Block:
    """The report as it lay about for weeks."""
    header = _members(report["PA01"])
    made = datetime.fromisoformat(str(header["PA01AR01"])) - timedelta(days=STALE_DAYS)
    return {**report, "PA01": {**header, "PA01AR01": made.isoformat()}}


SPOILT = {
    Kind.MALFORMED: malformed,
    Kind.UNKNOWN_CODE: with_unknown_code,
    Kind.PARTIAL: cut_short,
    Kind.STALE: stale,
    Kind.WRONG_SUBJECT: of_somebody_else,
}


def _members(block: object) -> Block:
    assert isinstance(block, dict)  # noqa: S101 - our own report
    return dict(block)
