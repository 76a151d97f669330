"""The signing door: the product's only use of Ed25519. Notes and checkpoints are the law's; the curve is here."""

from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from app.domain.proof.signed.keys import Kind, SecretKey, VerifierKey, key_id


class SigningKeyUnusable(Exception):
    """A signing key does not belong to the name and id that stand beside it."""


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the holder of `public` signed `message` (RFC 8032; a signature has one form)."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


class SigningKey:
    """A key that signs, with the vkey that others verify by."""

    __slots__ = ("_private", "_secret", "vkey")

    def __init__(self, secret: SecretKey) -> None:
        """Take up a key.

        Raises:
            SigningKeyUnusable: the seed belongs to another name, kind or id.
        """
        self._secret = secret
        self._private = Ed25519PrivateKey.from_private_bytes(secret.seed)
        self.vkey = VerifierKey(secret.name, secret.kind, self._private.public_key().public_bytes_raw())
        if self.vkey.id != secret.id:
            raise SigningKeyUnusable(
                f"the signing key of {secret.name} does not fit its id: restore it from a backup"
            )

    @classmethod
    def new(cls, name: str, kind: Kind = Kind.ED25519) -> Self:
        """A fresh key of this name."""
        return cls.of_seed(name, kind, Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def of_seed(cls, name: str, kind: Kind, seed: bytes) -> Self:
        """The key of this name that a seed of 32 bytes makes."""
        public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
        return cls(SecretKey(name, key_id(name, kind, public), kind, seed))

    def sign(self, message: bytes) -> bytes:
        """The signature over a message; the same each time."""
        return self._private.sign(message)

    def written(self) -> str:
        """The text for a file of the owner's alone."""
        return self._secret.written()
