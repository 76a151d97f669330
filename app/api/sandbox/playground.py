"""What the playground needs to know: the story's steps as tabs, who may be played, and the business date."""

import json
from functools import cache
from typing import Any, Final

from app.api.reading.people import personas
from app.domain.calendar import business_date
from app.flows.sandbox.book import PERSONAS, STAFF, Persona, persona_token, staff_token
from app.flows.sandbox.people import MOULDS
from app.flows.unit import Desk
from app.settings import ROOT

STORY: Final = ROOT / "graphql" / "story.json"
OPERATIONS: Final = ROOT / "graphql" / "operations"

ASKING: Final = frozenset({"Apply", "AskForMore"})

# Beside the story: what a visitor may want to try at any time. `caller` names the officer who sends it.
EXTRAS: Final[tuple[dict[str, Any], ...]] = (
    {
        "title": "Watch an application live",
        "operation": "WatchApplication",
        "variables": {"id": "{{applicationId}}"},
    },
    {
        "title": "Say no to a consent",
        "operation": "RefuseConsent",
        "variables": {"input": {"idempotencyKey": "{{uuid:refuse}}", "purpose": "LIMIT_INCREASE"}},
    },
    {
        "title": "Prepay: what would be left",
        "operation": "PrepaymentPreview",
        "variables": {"input": {"loanId": "{{loanId}}", "amount": {"amount": "200.00", "currency": "CNY"}}},
    },
    {
        "title": "What I paid, and my credit",
        "operation": "MyPayments",
        "variables": {},
    },
    {
        "title": "Freeze my line",
        "operation": "FreezeMyLine",
        "variables": {
            "input": {"idempotencyKey": "{{uuid:freeze}}", "lineId": "{{lineId}}", "reason": "watch rule", "days": 7}
        },
    },
    {
        "title": "Release my line",
        "operation": "ReleaseMyLine",
        "variables": {"input": {"idempotencyKey": "{{uuid:release}}", "lineId": "{{lineId}}"}},
    },
    {
        "title": "Officer: what waits for a person",
        "operation": "OfficerReferrals",
        "caller": "risk",
        "variables": {},
        "carry": {"caseId": "oversight.referrals.nodes.0.id"},
    },
    {
        "title": "Officer: decide the first of them",
        "operation": "ResolveReferral",
        "caller": "risk",
        "variables": {
            "input": {
                "idempotencyKey": "{{uuid:resolve}}",
                "caseId": "{{caseId}}",
                "approve": True,
                "note": "The objection was looked into and is settled.",
                "limit": {"amount": "5000.00", "currency": "CNY"},
            }
        },
    },
)


async def playground_config(desk: Desk) -> dict[str, Any]:
    """Tabs in the order of the story, who may be played with which token, and the present business date."""
    now = await desk.refresh_clock()
    seeded = {row.persona for row in await personas()}
    return {
        "schema": "clearline-playground/2",
        "businessDate": business_date(now).isoformat(),
        "offsetDays": desk.clock.offset.days,
        "steps": _steps(),
        "extras": [_with_text(extra) for extra in EXTRAS],
        "personas": [_persona(persona) for persona in PERSONAS if persona.login in seeded],
        "staff": [{"login": login, "role": role, "token": staff_token(login)} for login, role in STAFF],
        "people": [{"person": person.value, "story": mould.story} for person, mould in MOULDS.items()],
    }


def _persona(persona: Persona) -> dict[str, Any]:
    """A seeded customer, and what they write on an application."""
    return {
        "login": persona.login,
        "name": persona.name,
        "token": persona_token(persona.login),
        "story": persona.story,
        "applicant": {"name": persona.name, "idNumber": persona.id_number, "phone": persona.phone},
    }


@cache
def _steps() -> list[dict[str, Any]]:
    """The story's steps with the text of their operations, and where the bureau is asked."""
    steps = json.loads(STORY.read_text(encoding="utf-8"))["steps"]
    return [{**_with_text(step), "asksBureau": _asks_bureau(step)} for step in steps]


def _asks_bureau(step: dict[str, Any]) -> bool:
    """Whether the step is one of the two acts that may ask the bureau, and is meant to succeed."""
    wanted = "".join(str(value) for value in step.get("expect", {}).values())
    return step["operation"] in ASKING and wanted.endswith("Payload")


def _with_text(step: dict[str, Any]) -> dict[str, Any]:
    return {**step, "query": (OPERATIONS / f"{step['operation']}.graphql").read_text(encoding="utf-8")}
