"""No question without the proof that it was announced: the institution's log, its witnesses, and the record itself."""

import hashlib
import hmac
import json
from typing import Annotated

from pydantic import Field, StringConstraints

from sims.bureau import proof
from sims.bureau.proof import Policy, Unproven
from sims.wire import Message, Refused

INTENT = ("INQUIRY_INTENT", 4)
DOMAIN = b"clearline/record/v1\0"
SUBJECT = b"clearline/subject/v1\0"
NONE = b"\xff" * 8

Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Fact = Annotated[str, StringConstraints(max_length=500)] | int | bool | None


class Intent(Message):
    """The institution's record that it is going to ask, opened, with the proof that its log's witnesses have seen it."""

    record: Annotated[dict[str, Fact], Field(max_length=30)]
    salt: Annotated[str, StringConstraints(max_length=64)]
    subject_salt: Annotated[str, StringConstraints(max_length=64)]
    previous_index: Annotated[int, Field(ge=0, lt=2**63)] | None
    proof: Annotated[str, StringConstraints(max_length=32_768)]

    def marks(self, id_number: str) -> bool:
        """Whether the record is about this person, by the mark that only we are told how to open."""
        mark = hmac.new(proof.unbase64(self.subject_salt), SUBJECT + id_number.encode(), hashlib.sha256).hexdigest()
        return self.record.get("subject") == mark

    def leaf(self) -> bytes:
        """The log's entry for this record (the institution's published format)."""
        ordered = dict(sorted(self.record.items(), key=lambda one: one[0].encode("utf-16-be")))
        text = json.dumps(ordered, ensure_ascii=False, separators=(",", ":")).encode()
        committed = hmac.new(proof.unbase64(self.salt), DOMAIN + text, hashlib.sha256).digest()
        previous = NONE if self.previous_index is None else self.previous_index.to_bytes(8, "big")
        return b"\x01" + bytes([INTENT[1]]) + previous + committed


class Introduction(Message):
    """An institution tells by which log and witnesses its intents are to be checked."""

    institution: Id
    policy: Annotated[str, StringConstraints(min_length=1, max_length=32_768)]

    def check(self) -> None:
        """Refuse what is no policy.

        Raises:
            Refused: 422.
        """
        try:
            Policy.read(self.policy)
        except Unproven as trouble:
            raise Refused(422, "POLICY_UNREADABLE", str(trouble)) from None


def check(intent: Intent | None, policy: str | None, expected: dict[str, str], id_number: str) -> None:
    """Check that this very question was announced: record and proof hold, and the record names `expected` and the person.

    Raises:
        Refused: 422, saying which does not hold.
    """
    if policy is None:
        raise Refused(422, "LOG_UNKNOWN", "introduce the institution's log first: POST /institutions")
    if intent is None:
        raise Refused(422, "INTENT_MISSING", "no logged intent, no report")
    if any(intent.record.get(name) != value for name, value in {**expected, "class": INTENT[0]}.items()):
        raise Refused(422, "INTENT_OF_ANOTHER", "the intent speaks of another question")
    try:
        if not intent.marks(id_number):
            raise Refused(422, "INTENT_OF_ANOTHER", "the intent speaks of another person")
        proof.check(Policy.read(policy), intent.leaf(), intent.proof)
    except Unproven as trouble:
        raise Refused(422, "INTENT_UNPROVEN", str(trouble)) from None
