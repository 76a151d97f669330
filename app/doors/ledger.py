"""What the log signs with and whom it must convince: a key file of its owner's alone, and a policy that anyone may read."""

from dataclasses import dataclass
from pathlib import Path

from app.domain.proof.signed import policy as policies
from app.domain.proof.signed.keys import SecretKey
from app.domain.proof.signed.policy import POLICY_BYTES_MAX, Policy
from app.domain.proof.strict import Unproven
from app.doors.keys import keep_new
from app.doors.signing import SigningKey, SigningKeyUnusable
from app.doors.witnesses import Witnesses


class LedgerUnusable(Exception):
    """The log's key or its policy cannot be used; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """The key, the policy and the line to its witnesses. `policy_text` is the policy byte for byte."""

    key: SigningKey
    policy: Policy
    policy_text: bytes
    witnesses: Witnesses

    @property
    def origin(self) -> str:
        """The name under which the log signs."""
        return self.key.vkey.name


def log_key(path: Path, origin: str) -> SigningKey:
    """The log's key, made with a fresh seed (owner-only) when there is none.

    Raises:
        LedgerUnusable: the file is no key of this origin.
    """
    if not path.exists():
        keep_new(path, SigningKey.new(origin).written() + "\n")
    try:
        key = SigningKey(SecretKey.parse(path.read_text(encoding="ascii").strip()))
    except (Unproven, UnicodeDecodeError, SigningKeyUnusable) as error:
        raise LedgerUnusable(f"{path} is not a signing key: restore it from a backup") from error
    if key.vkey.name != origin:
        raise LedgerUnusable(f"{path} signs for {key.vkey.name}, not for {origin}: set CLEARLINE_LOG_ORIGIN")
    return key


def open_ledger(key_file: Path, policy_file: Path, origin: str, timeout_seconds: float) -> Ledger | None:
    """The log's affairs; None when there is no policy yet, and so nobody whom it could convince.

    Raises:
        LedgerUnusable: the policy cannot be read, or is not about this log.
    """
    if not policy_file.exists():
        return None
    with policy_file.open("rb") as file:
        text = file.read(POLICY_BYTES_MAX + 1)
    try:
        policy = policies.parse(text)
    except Unproven as refused:
        raise LedgerUnusable(f"{policy_file} is not a policy ({refused.told}): mend it") from refused
    key = log_key(key_file, origin)
    if key.vkey not in [party.key for party in policy.logs]:
        raise LedgerUnusable(f"{policy_file} does not name the log {key.vkey}: add the line: log {key.vkey}")
    if policy.quorum == policies.NOBODY:
        raise LedgerUnusable(f"{policy_file} asks for no witness: name a quorum")
    return Ledger(key, policy, text, Witnesses(policy, key.vkey, timeout_seconds))
