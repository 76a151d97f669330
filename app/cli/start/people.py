"""Who can be played in the sandbox."""

import json

from app.flows.sandbox.book import PERSONAS, STAFF, persona_token, staff_token
from app.flows.sandbox.people import MOULDS


def as_json() -> str:
    """Personas, staff and magic people (docs/formats/personas.md)."""
    return json.dumps(
        {
            "schema": "clearline-personas/1",
            "personas": [
                {
                    "login": persona.login,
                    "token": persona_token(persona.login),
                    "name": persona.name,
                    "person": persona.person.value,
                    "idNumber": persona.id_number,
                    "phone": persona.phone,
                    "story": persona.story,
                }
                for persona in PERSONAS
            ],
            "staff": [{"login": login, "role": role, "token": staff_token(login)} for login, role in STAFF],
            "magic": [
                {"person": person.value, "sequence": f"{mould.sequence:03d}", "outcome": mould.story}
                for person, mould in MOULDS.items()
            ],
            "oneTimeCode": "000000",
        },
        ensure_ascii=False,
    )


def as_table() -> str:
    """The same for reading."""
    lines = ["Customers (header: Authorization: Bearer TOKEN; the one-time code is always 000000)"]
    lines += [
        f"  {persona_token(persona.login):<20} {persona.name}  {persona.id_number}  {persona.phone}  {persona.story}"
        for persona in PERSONAS
    ]
    lines += ["Staff"]
    lines += [f"  {staff_token(login):<26} {role}" for login, role in STAFF]
    lines += ["Magic people: digits 15 to 17 of an ID number of region 99 (sandboxNewCustomer invents one)"]
    lines += [f"  {mould.sequence:03d}  {person.value:<17} {mould.story}" for person, mould in MOULDS.items()]
    lines += [
        "Magic amounts: the fen of a draw",
        "  .01  the payout fails at first, is tried again, and succeeds",
        "  .02  the payout is returned by the bank: the loan is void, the hold released",
        "  .07  the payout stays pending until the payment simulator releases it",
    ]
    return "\n".join(lines)
