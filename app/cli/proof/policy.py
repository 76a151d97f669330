"""The log's key and its policy: whom the log must convince, written for anybody to read."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import httpx2

from app.cli.house import value_or_file
from app.domain.proof.signed import policy as policies
from app.domain.proof.signed.era import Era
from app.domain.proof.signed.keys import VerifierKey
from app.domain.proof.strict import Unproven
from app.doors.ledger import log_key
from app.flows.ledger.proving import eras
from app.main import House
from app.settings import Settings

GROUP, OWN = "witnesses", "own"
INTRODUCE_SECONDS = 10.0
_URL = re.compile(r"https?://[^/\s]+\S*")


class PolicyRefused(Exception):
    """The policy cannot be written or told; the message says why."""


@dataclass(frozen=True, slots=True)
class Member:
    """A witness as the policy will name it."""

    name: str
    vkey: str
    url: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `NAME VKEY URL`; a vkey of the form @FILE is read from that file.

        Raises:
            PolicyRefused: it is not of this form.
        """
        words = text.split()
        if len(words) != len(cls.__slots__) or not _URL.fullmatch(words[2]):
            raise PolicyRefused(f'a witness is written "NAME VKEY URL", not "{text}"')
        return cls(words[0], value_or_file(words[1]), words[2])


def vkey_of_log(settings: Settings) -> VerifierKey:
    """The log's public key, of a key made now if there is none.

    Raises:
        LedgerUnusable: the key file is another log's, or none.
    """
    return log_key(settings.log_key, settings.log_origin).vkey


def written(log: VerifierKey, members: Sequence[Member], least: int, required: Sequence[Member] = ()) -> str:
    """The policy that asks for `least` of the members, and for each of the `required` besides.

    One more name beside the lender's own would leave these the quorum that they are without it.

    Raises:
        PolicyRefused: no policy comes of it.
    """
    lines = [f"log {log}"]
    lines += [f"witness {one.name} {one.vkey} {one.url}" for one in (*members, *required)]
    names = " ".join(one.name for one in members)
    if required:
        lines += [f"group {OWN} {least} {names}", f"group {GROUP} all {OWN} {' '.join(one.name for one in required)}"]
    else:
        lines.append(f"group {GROUP} {least} {names}")
    lines.append(f"quorum {GROUP}")
    text = "".join(f"{line}\n" for line in lines)
    try:
        policies.parse(text.encode())
    except Unproven as refused:
        raise PolicyRefused(f"no policy comes of this: {refused.told}") from refused
    return text


def keep(settings: Settings, text: str) -> Path:
    """Put the policy in its place, whole or not at all; where it is now."""
    path = settings.log_policy_file
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".new")
    part.write_text(text, encoding="utf-8")
    part.rename(path)
    return path


async def published_under(house: House) -> tuple[Era, ...]:
    """Every policy that the log published under, oldest first; none where no log is kept.

    Raises:
        Unproven: one is not as the log signed it.
    """
    return await eras(house.desk.ledger) if house.desk.ledger else ()


def write_each(found: Sequence[Era], folder: Path) -> None:
    """Each policy byte for byte, in a file named by its number."""
    folder.mkdir(parents=True, exist_ok=True)
    for era in found:
        (folder / f"log-policy-{era.number}.txt").write_bytes(era.policy)


def eras_as_text(found: Sequence[Era]) -> str:
    """The policies for a reader."""
    return "\n".join(f"{era.number}. from {era.first_size} entries on: SHA-256 {era.sha256}" for era in found)


def introduce(settings: Settings, text: str) -> None:
    """Tell the bureau simulator by which log and witnesses it is to check our intents.

    Raises:
        PolicyRefused: it does not answer, or does not take it.
    """
    body = {"institution": settings.institution, "policy": text}
    try:
        with httpx2.Client(timeout=INTRODUCE_SECONDS, trust_env=False) as http:
            answer = http.post(f"{settings.bureau_url}/institutions", json=body)
    except httpx2.HTTPError as trouble:
        raise PolicyRefused(f"the bureau at {settings.bureau_url} does not answer") from trouble
    if answer.status_code != httpx2.codes.NO_CONTENT:
        raise PolicyRefused(f"the bureau at {settings.bureau_url} does not take the policy ({answer.status_code})")
