"""The witness's own key: a file of its owner's, never the lender's, bound to the store of what it has signed."""

import os
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from app.domain.proof.signed.keys import Kind, SecretKey, VerifierKey, key_id
from app.domain.proof.strict import Unproven


class KeyUnusable(Exception):
    """The key file is not one, or is another witness's."""


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the holder of `public` signed `message` (Ed25519, RFC 8032)."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


class CosigningKey:
    """The key that cosigns, and its vkey for the policies of others."""

    __slots__ = ("_private", "_secret", "vkey")

    def __init__(self, secret: SecretKey) -> None:
        """Take up a key.

        Raises:
            KeyUnusable: it is no cosigning key, or does not fit its id.
        """
        self._secret = secret
        self._private = Ed25519PrivateKey.from_private_bytes(secret.seed)
        self.vkey = VerifierKey(secret.name, secret.kind, self._private.public_key().public_bytes_raw())
        if secret.kind is not Kind.COSIGNATURE or self.vkey.id != secret.id:
            raise KeyUnusable("the key file does not hold a witness's key: restore it from a backup")

    @classmethod
    def new(cls, name: str) -> Self:
        """A fresh key."""
        private = Ed25519PrivateKey.generate()
        number = key_id(name, Kind.COSIGNATURE, private.public_key().public_bytes_raw())
        return cls(SecretKey(name, number, Kind.COSIGNATURE, private.private_bytes_raw()))

    @classmethod
    def from_file(cls, path: Path) -> Self:
        """The key in a file.

        Raises:
            KeyUnusable: the file does not hold one.
        """
        try:
            return cls(SecretKey.parse(path.read_text(encoding="utf-8").removesuffix("\n")))
        except (UnicodeDecodeError, Unproven) as error:
            raise KeyUnusable(f"{path} does not hold a witness's key: restore it from a backup") from error

    def write(self, path: Path) -> None:
        """Put the key into a new file of the owner's alone, safe on the disk."""
        part = path.with_suffix(".new")
        part.unlink(missing_ok=True)  # what a start that was cut off has left
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(self._secret.written() + "\n")
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def sign(self, message: bytes) -> bytes:
        """The signature over a message."""
        return self._private.sign(message)
