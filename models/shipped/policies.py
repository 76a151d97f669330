"""The policies that come with the product, as documents beside this file, and their way into the book."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from tortoise.transactions import in_transaction
from uuid_utils.compat import uuid7

from app.domain.deciding.policy import Policy
from app.domain.policies.document import canonical, digest_of, read_draft
from models.credit import Decision, PolicyVersion

FOLDER = Path(__file__).resolve().parent
FIRST_EFFECTIVE = datetime(2024, 1, 1, tzinfo=UTC)


@cache
def shipped_policies() -> tuple[Policy, ...]:
    """The policies beside this file, by version. That they are sound is tested when the product is built.

    Raises:
        PolicyUnsound: a document is not of the format.
    """
    texts = [path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.json"))]
    return tuple(read_draft(text).policy for text in texts)


async def write_shipped_policies() -> list[str]:
    """Publish each that the book does not hold yet; safe to run twice, and from several machines. Their versions.

    Decisions made before there was a table of policies take the digest of the policy that they name.
    """
    written = []
    async with in_transaction():
        for policy in shipped_policies():
            if await PolicyVersion.exists(version=policy.version):
                continue
            row = PolicyVersion(
                id=uuid7(),
                segment=policy.segment,
                version=policy.version,
                document=canonical(policy),
                sha256=digest_of(policy),
                state="PUBLISHED",
                made_at=FIRST_EFFECTIVE,
                effective_from=FIRST_EFFECTIVE,
            )
            await PolicyVersion.bulk_create([row], ignore_conflicts=True)
            unnamed = Decision.filter(policy_version=policy.version, policy_sha256__isnull=True)
            await unnamed.update(policy_sha256=digest_of(policy))
            written.append(policy.version)
    return written
