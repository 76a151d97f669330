"""What the playground needs to know: the story's operations as tabs, and who may be played."""

from pathlib import Path
from typing import Any

from app.api.reading.people import personas
from app.flows.sandbox.book import persona_token
from app.flows.unit import Desk

OPERATIONS = Path(__file__).resolve().parents[2] / "graphql" / "operations"


async def playground_config(desk: Desk) -> dict[str, Any]:
    """Tabs in the order of the story, personas with their tokens, and the present business date."""
    now = await desk.refresh_clock()
    return {
        "schema": "clearline-playground/1",
        "now": now.isoformat(),
        "tabs": [
            {"name": path.stem, "query": path.read_text(encoding="utf-8")}
            for path in sorted(OPERATIONS.glob("*.graphql"))
        ],
        "personas": [
            {"name": row.persona, "token": persona_token(row.persona or ""), "story": row.story}
            for row in await personas()
        ],
    }
