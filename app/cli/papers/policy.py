"""Checking a policy document, and telling what policies the book holds."""

import json
from pathlib import Path

from app.api import words
from app.domain.calendar import business_date
from app.domain.money import Money
from app.domain.policies.checking import check
from app.domain.policies.document import Draft, digest_of, read_draft
from app.domain.policies.problems import Case, PolicyUnsound, Problem, ProblemCode, Result
from models.credit import PolicyVersion

LIST_MAX = 200
LANGUAGE = "en"


def examined(file: Path) -> tuple[Draft | None, tuple[Problem, ...]]:
    """A document as far as it can be read, and all that is wrong with it."""
    try:
        draft = read_draft(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        return None, (Problem(ProblemCode.NOT_JSON, ""),)
    except PolicyUnsound as unsound:
        return None, unsound.problems
    return draft, check(draft)


def as_json(draft: Draft | None, problems: tuple[Problem, ...]) -> str:
    """See docs/formats/policy.md."""
    told: dict[str, object] = {"schema": "clearline-policy-check/1", "ok": not problems}
    if draft is not None:
        told |= {"segment": draft.policy.segment, "version": draft.policy.version}
    if draft is not None and not problems:
        told["sha256"] = digest_of(draft.policy)
    told["problems"] = [_problem(problem) for problem in problems]
    return json.dumps(told, ensure_ascii=False)


def as_text(draft: Draft | None, problems: tuple[Problem, ...]) -> str:
    """The same for reading."""
    if draft is not None and not problems:
        return f"{draft.policy.version} ({draft.policy.segment}) is sound, sha256 {digest_of(draft.policy)}"
    lines = []
    for problem in problems:
        lines.append(f"{problem.code} at {problem.path or '/'}: {words.say(LANGUAGE, 'policy', problem.code)}")
        if problem.case is not None:
            told = _case(problem.case)
            lines.append("  case " + (_spelt({**told, "results": None}) or "any applicant"))
            lines += [f"    {_spelt(_result(result))}" for result in problem.case.results]
    return "\n".join(lines)


def _problem(problem: Problem) -> dict[str, object]:
    return {
        "code": problem.code.value,
        "path": problem.path,
        "message": words.say(LANGUAGE, "policy", problem.code),
        "case": _case(problem.case) if problem.case is not None else None,
    }


def _case(case: Case) -> dict[str, object]:
    told = case.applicant
    facts: dict[str, object] = {
        "score": case.score,
        "age": told.age,
        "occupation": told.occupation,
        "ownScore": told.own_score,
        "income": _yuan(told.income_minor),
        "termMonths": told.term_months,
        "monthlyDue": _yuan(told.monthly_due_minor),
        "lenders": told.lenders,
        "monthsKnown": told.months_known,
    }
    return {**_known(facts), "results": [_result(result) for result in case.results]}


def _result(result: Result) -> dict[str, object]:
    return _known(
        {
            "by": result.by,
            "says": result.says.value,
            "score": result.score,
            "grade": result.grade,
            "limit": _yuan(result.limit_minor),
            "dailyRate": result.daily.text() if result.daily is not None else None,
            "yearlyCost": result.yearly.text() if result.yearly is not None else None,
        }
    )


def _known(facts: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in facts.items() if value is not None}


def _yuan(minor: int | None) -> str | None:
    return Money(minor, "CNY").text() if minor is not None else None


def _spelt(facts: dict[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in facts.items() if value is not None)


async def listed(segment: str | None) -> list[PolicyVersion]:
    """The policies of the book, of a segment or of all, newest first, at most LIST_MAX."""
    query = PolicyVersion.filter(segment=segment) if segment else PolicyVersion.all()
    return await query.order_by("-id").limit(LIST_MAX)


async def named(version: str) -> PolicyVersion | None:
    """The policy of a name."""
    return await PolicyVersion.get_or_none(version=version)


def list_as_json(rows: list[PolicyVersion]) -> str:
    """See docs/formats/policy.md."""
    return json.dumps({"schema": "clearline-policies/1", "policies": [_row(row) for row in rows]})


def list_as_text(rows: list[PolicyVersion]) -> str:
    """The same for reading."""
    return "\n".join(
        f"{row.segment:<20} {row.version:<28} {row.state:<10} from {business_date(row.effective_from)}  {row.sha256[:16]}"
        for row in rows
    )


def shown(row: PolicyVersion) -> str:
    """One policy with its document."""
    told = {"schema": "clearline-policy-shown/1", **_row(row), "document": json.loads(row.document)}
    return json.dumps(told, ensure_ascii=False, indent=2)


def _row(row: PolicyVersion) -> dict[str, object]:
    return {
        "segment": row.segment,
        "version": row.version,
        "state": row.state,
        "effectiveFrom": business_date(row.effective_from).isoformat(),
        "sha256": row.sha256,
    }
