"""Checkpoints of C2SP tlog-checkpoint: the origin, the size and the root of a tree, as the text of a note."""

from dataclasses import dataclass
from typing import Final

from app.domain.proof.strict import (
    HASH_BYTES,
    SIZE_MAX,
    Fault,
    Unproven,
    base64_bytes,
    check_hash,
    decimal,
    malformed,
    text_of,
    to_base64,
)
from app.domain.proof.tree.merkle import EMPTY_ROOT

TEXT_BYTES_MAX: Final = 16 * 1024
_LINES_LEAST: Final = 3


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree head. We write no extension lines; those of others are kept."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def text(self) -> str:
        """The text that is signed.

        Raises:
            Unproven: MALFORMED when it could not be read again.
        """
        if not 0 <= self.size <= SIZE_MAX:
            raise malformed("no such size")
        lines = (self.origin, str(self.size), to_base64(check_hash(self.root, "a root")), *self.extensions)
        if not all(lines) or any("\n" in line for line in lines):
            raise malformed("a checkpoint's lines are not empty")
        return "".join(f"{line}\n" for line in lines)


def read(text: str) -> Checkpoint:
    """Read the text of a checkpoint; whether an empty tree has the empty root is left to `parse`.

    Raises:
        Unproven: MALFORMED.
    """
    lines = text_of(text.encode(), "the checkpoint", TEXT_BYTES_MAX).split("\n")[:-1]
    if len(lines) < _LINES_LEAST or not all(lines):
        raise malformed("a checkpoint has three lines or more, none empty")
    origin, size, root, *extensions = lines
    return Checkpoint(
        origin, decimal(size, "the size"), base64_bytes(root, "the root", HASH_BYTES), tuple(extensions)
    )


def parse(text: str) -> Checkpoint:
    """Read the text of a checkpoint that could be true.

    Raises:
        Unproven: MALFORMED; PROOF_WRONG when the tree is empty and the root is not.
    """
    found = read(text)
    check_empty(found)
    return found


def check_empty(checkpoint: Checkpoint) -> None:
    """Check that an empty tree has the empty root.

    Raises:
        Unproven: PROOF_WRONG.
    """
    if checkpoint.size == 0 and checkpoint.root != EMPTY_ROOT:
        raise Unproven(Fault.PROOF_WRONG, "the tree is empty, its root is not")
