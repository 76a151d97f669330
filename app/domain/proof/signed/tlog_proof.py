"""Proofs of C2SP tlog-proof: the index of an entry, its way to the root, and the checkpoint with that root."""

from dataclasses import dataclass
from typing import Final

from app.domain.proof.signed.note import NOTE_BYTES_MAX
from app.domain.proof.strict import HASH_BYTES, base64_bytes, decimal, malformed, text_of, to_base64
from app.domain.proof.tree.merkle import PROOF_HASHES_MAX

HEAD_BYTES_MAX: Final = 64 * 1024
_HEADER: Final = "c2sp.org/tlog-proof@v1"
_EXTRA: Final = "extra "
_INDEX: Final = "index "


@dataclass(frozen=True, slots=True)
class TlogProof:
    """What a proof file says; nothing is verified yet. `extra` is not covered by any signature."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: str
    extra: bytes | None = None

    def __str__(self) -> str:
        """The file."""
        lines = [_HEADER]
        if self.extra is not None:
            lines.append(_EXTRA + to_base64(self.extra))
        lines += [f"{_INDEX}{self.index}", *map(to_base64, self.hashes), "", ""]
        return "\n".join(lines) + self.checkpoint


def parse(data: bytes) -> TlogProof:
    """Read a proof file.

    Raises:
        Unproven: MALFORMED.
    """
    text = text_of(data, "the proof", HEAD_BYTES_MAX + NOTE_BYTES_MAX)
    head, parted, checkpoint = text.partition("\n\n")
    if len(head) > HEAD_BYTES_MAX or not parted or not checkpoint:
        raise malformed("a proof has a head, an empty line and a checkpoint")
    header, *lines = head.split("\n")
    if header != _HEADER:
        raise malformed("not a tlog-proof")
    extra = None
    if lines and lines[0].startswith(_EXTRA):
        extra = base64_bytes(lines.pop(0).removeprefix(_EXTRA), "the extra data")
    if not lines or not lines[0].startswith(_INDEX):
        raise malformed("the index is missing")
    index = decimal(lines.pop(0).removeprefix(_INDEX), "the index")
    if len(lines) > PROOF_HASHES_MAX:
        raise malformed(f"an inclusion proof has at most {PROOF_HASHES_MAX} hashes")
    return TlogProof(index, tuple(base64_bytes(line, "a hash", HASH_BYTES) for line in lines), checkpoint, extra)
