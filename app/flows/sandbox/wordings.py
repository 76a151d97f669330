"""The consent texts of the sandbox, in both languages; placeholders for counsel, complete in their parts.

Each tells who, whom to turn to, why, how, which data, how long, and how to withdraw (PIPL arts 17 and 23).
"""

import hashlib
from datetime import UTC, datetime

from uuid_utils.compat import uuid7

from app.domain.consent.purpose import ConsentPurpose
from app.flows.credit.consents import wording_in_force
from app.flows.sandbox.wording_texts import FIRST_VERSION, TEXTS
from app.flows.unit import Desk
from models.consent import ConsentWording

FIRST_EFFECTIVE = datetime(2024, 1, 1, tzinfo=UTC)


async def write_first_wordings(desk: Desk) -> int:
    """Write every text of the first version that is not there yet; how many were written."""
    written = 0
    async with desk.unit():
        for (purpose, language), text in TEXTS.items():
            if not await ConsentWording.exists(purpose=purpose.value, language=language):
                await _write(purpose, language, FIRST_VERSION, text, FIRST_EFFECTIVE)
                written += 1
    return written


async def publish_again(desk: Desk, purpose: ConsentPurpose, language: str) -> ConsentWording:
    """Publish the next version of a text, in force from this commit on: consents on the old one open nothing more."""
    async with desk.unit() as unit:
        present = await wording_in_force(purpose, language, unit.now)
        number = await ConsentWording.filter(purpose=purpose.value, language=language).count() + 1
        version = f"{FIRST_VERSION}-{number}"
        text = TEXTS[purpose, language] + f"\n[{version}]\n"
        written = await _write(purpose, language, version, text, unit.now)
        if written.sha256 == present.sha256:
            raise RuntimeError("a new version has a new text")
        return written


async def _write(
    purpose: ConsentPurpose, language: str, version: str, text: str, effective_from: datetime
) -> ConsentWording:
    return await ConsentWording.create(
        id=uuid7(),
        purpose=purpose.value,
        language=language,
        version=version,
        body=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        effective_from=effective_from,
    )
