"""Runs files of the schema `clearline-vectors/1`; every vector gets an outcome, and nothing in a file is a crash."""

import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from tests.vectors import dates, payments, plans, progressive, rates, worth
from tests.vectors.answers import Tolerance, differences, named, shown
from tests.vectors.reading import Inputs, NotApplicable, Why

SCHEMA = "clearline-vectors/1"

KINDS: Mapping[str, Callable[..., dict[str, Any]]] = {
    "add_months": dates.shifted,
    "allocation": payments.allocation,
    "annualised_cost": rates.annualised_cost,
    "apr_days": rates.apr_days,
    "apr_flows_years": rates.apr_flows_years,
    "apr_unit_period": rates.apr_unit_period,
    "daily_interest": rates.daily_interest,
    "day_count": dates.day_count,
    "due_dates": dates.due,
    "end_of_month": dates.end_of_month,
    "fn_values": progressive.fn_values,
    "partial_prepayment": plans.partial_prepayment,
    "payable_on_date": progressive.payable_on_date,
    "payoff": progressive.payoff,
    "penalty": payments.penalty,
    "rate_conversion": rates.rate_conversion,
    "rate_factors": progressive.rate_factors,
    "recalculated_schedule": progressive.recalculated,
    "redraw": plans.redraw,
    "schedule": plans.schedule,
    "schedule_totals": plans.totals,
    "tvm": worth.tvm,
    "xirr_365": rates.xirr,
    "year_fraction": dates.year_fraction,
}


class Status(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True)
class Outcome:
    """What became of one vector."""

    id: str
    status: Status
    got: Any = None
    why: str | None = None
    reason: Why | None = None

    def line(self) -> str:
        """One line of JSON."""
        told = {"id": self.id, "status": self.status.value, "why": self.why, "got": self.got}
        return json.dumps({name: value for name, value in told.items() if value is not None}, ensure_ascii=False)


def _answered(vector: Mapping[str, Any]) -> tuple[Any, list[str]]:
    kind, expected = vector.get("kind"), vector.get("expected")
    if not isinstance(kind, str) or not isinstance(expected, Mapping):
        raise NotApplicable(Why.NOT_A_VECTOR, "a vector has a kind, inputs and what is expected")
    if not expected:
        raise NotApplicable(Why.NO_FIGURE, kind)
    if kind not in KINDS:
        raise NotApplicable(Why.UNKNOWN_KIND, kind)
    rule = KINDS[kind]
    arguments = [Inputs(vector.get("inputs")), expected]
    if "convention" in inspect.signature(rule).parameters:
        arguments.append(str(vector.get("rounding_convention", "")))
    got = rule(*arguments)
    return got, differences(expected, got, Tolerance.of(vector.get("tolerance"), expected))


def run_vector(vector: Any) -> Outcome:
    """One vector's outcome."""
    if not isinstance(vector, Mapping):
        return Outcome("?", Status.NOT_APPLICABLE, why=str(Why.NOT_A_VECTOR), reason=Why.NOT_A_VECTOR)
    name = str(vector.get("id", "?"))
    try:
        got, found = _answered(vector)
    except NotApplicable as told:
        return Outcome(name, Status.NOT_APPLICABLE, why=str(told), reason=told.why)
    except Exception as error:  # noqa: BLE001 - the edge: a file from outside may hold anything
        return Outcome(name, Status.FAILED, why=f"{type(error).__name__}: {error}")
    status = Status.FAILED if found else Status.PASSED
    return Outcome(
        name, status, shown({word: named(got, word) for word in vector["expected"]}), "; ".join(found[:5]) or None
    )


def run_file(path: Path) -> list[Outcome]:
    """Every vector of a file, in order; a file of another schema is one outcome."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        return [
            Outcome(path.name, Status.NOT_APPLICABLE, why=f"{Why.NOT_A_VECTOR}: {error}", reason=Why.NOT_A_VECTOR)
        ]
    vectors = content.get("vectors") if isinstance(content, Mapping) else None
    if not isinstance(vectors, list) or content.get("schema", SCHEMA) != SCHEMA:
        told = f"{Why.NOT_A_VECTOR}: not of the schema {SCHEMA}"
        return [Outcome(path.name, Status.NOT_APPLICABLE, why=told, reason=Why.NOT_A_VECTOR)]
    return [run_vector(vector) for vector in vectors]
