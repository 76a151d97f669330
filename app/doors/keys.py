"""The keys door: the only module that touches encryption primitives.

A subject key for each customer, wrapped by the root key, seals that customer's columns; destroying the wrapped key
destroys the data. Each message has a key of its own, derived with a random salt, and commits to it, so that a
ciphertext opens under one key only. The place (table, column, row, subject) is authenticated: a value copied to
another row or column does not open.
"""

import hashlib
import hmac
import json
import os
import secrets
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
_SUITE = b"\x01"
_SALT_BYTES = 32
_COMMITMENT_BYTES = 32
_NONCE_BYTES = 12
_ONE_MESSAGE_NONCE = bytes(_NONCE_BYTES)  # the key is used for one message, so its nonce cannot repeat


class WrongKey(Exception):
    """A sealed value does not open here: another key, another place, or changed bytes."""


class KeysUnusable(Exception):
    """The keys cannot be read, or are not those that the database was written with."""


def keep_new(path: Path, text: str) -> None:
    """Put a fresh key into a file of the owner's alone, safe on the disk before anything is done with it.

    The first process wins: where the file stands by now, it stays as it is.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # A name of its own: what a start that was cut off has left stops no other, whatever their process numbers.
    descriptor, part = tempfile.mkstemp(suffix=".new", prefix=f"{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(part, path)
    finally:
        Path(part).unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _derive(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(secret)


def _seal(secret: bytes, place: bytes, plain: bytes) -> bytes:
    salt = secrets.token_bytes(_SALT_BYTES)
    material = _derive(secret, salt, b"clearline/seal/v1", KEY_BYTES + _COMMITMENT_BYTES)
    key, commitment = material[:KEY_BYTES], material[KEY_BYTES:]
    return _SUITE + salt + commitment + AESGCM(key).encrypt(_ONE_MESSAGE_NONCE, plain, place)


def _open(secret: bytes, place: bytes, sealed: bytes) -> bytes:
    head = len(_SUITE) + _SALT_BYTES
    if sealed[:1] != _SUITE or len(sealed) < head + _COMMITMENT_BYTES:
        raise WrongKey("not a sealed value")
    material = _derive(secret, sealed[1:head], b"clearline/seal/v1", KEY_BYTES + _COMMITMENT_BYTES)
    if not hmac.compare_digest(material[KEY_BYTES:], sealed[head : head + _COMMITMENT_BYTES]):
        raise WrongKey("sealed under another key")
    try:
        return AESGCM(material[:KEY_BYTES]).decrypt(_ONE_MESSAGE_NONCE, sealed[head + _COMMITMENT_BYTES :], place)
    except InvalidTag as error:
        raise WrongKey("changed, or from another place") from error


@dataclass(frozen=True, slots=True, repr=False)
class SubjectBox:
    """Seals and opens the columns of one customer."""

    subject_id: UUID
    _secret: bytes

    def seal(self, table: str, column: str, row_id: UUID, plain: bytes) -> bytes:
        """Encrypt `plain` for exactly this table, column and row."""
        return _seal(self._secret, self._place(table, column, row_id), plain)

    def open(self, table: str, column: str, row_id: UUID, sealed: bytes) -> bytes:
        """Decrypt what was sealed for this place.

        Raises:
            WrongKey: another subject, another place, or changed bytes.
        """
        return _open(self._secret, self._place(table, column, row_id), bytes(sealed))

    def _place(self, table: str, column: str, row_id: UUID) -> bytes:
        return f"clearline/v1|{table}|{column}|{row_id}|{self.subject_id}".encode()


class Keys:
    """The root key and the index key, and what is done with them."""

    __slots__ = ("_index", "_root")

    def __init__(self, root: bytes, index: bytes) -> None:
        if len(root) != KEY_BYTES or len(index) != KEY_BYTES:
            raise ValueError("a key has 32 bytes")
        self._root = root
        self._index = index

    @classmethod
    def from_file(cls, path: Path) -> Self:
        """The sandbox's key file, made with fresh keys (owner-only) when there is none.

        Raises:
            KeysUnusable: the file is not a key file.
        """
        if not path.exists():
            fresh = {
                "schema": "clearline-keys/1",
                "root": secrets.token_hex(KEY_BYTES),
                "index": secrets.token_hex(KEY_BYTES),
            }
            keep_new(path, json.dumps(fresh))
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            if stored["schema"] != "clearline-keys/1":
                raise KeysUnusable(f"{path} is not a key file")
            return cls(bytes.fromhex(stored["root"]), bytes.fromhex(stored["index"]))
        except (ValueError, KeyError, TypeError) as error:
            raise KeysUnusable(f"{path} is not a key file: restore it from a backup") from error

    def fingerprint(self) -> bytes:
        """A keyed digest that tells these keys from any others and tells nothing of them."""
        return (
            self.mac("fingerprint", b"") + hmac.new(self._root, b"clearline/fingerprint/v1", hashlib.sha256).digest()
        )

    def new_subject(self, subject_id: UUID) -> bytes:
        """A fresh subject key, wrapped by the root key; checked to open before it is given out."""
        secret = secrets.token_bytes(KEY_BYTES)
        wrapped = _seal(self._root, self._subject_place(subject_id), secret)
        if self.subject(subject_id, wrapped)._secret != secret:  # noqa: SLF001 - our own box
            raise WrongKey("a new subject key does not open")
        return wrapped

    def subject(self, subject_id: UUID, wrapped: bytes) -> SubjectBox:
        """The box of one customer.

        Raises:
            WrongKey: the wrapped key is another customer's, or was destroyed.
        """
        return SubjectBox(subject_id, _open(self._root, self._subject_place(subject_id), bytes(wrapped)))

    def index(self, field: str, value: str) -> bytes:
        """A keyed digest by which an exact value can be found again; useless without the key."""
        return hmac.new(self._index, f"clearline/index/v1|{field}|{value}".encode(), hashlib.sha256).digest()

    def mac(self, use: str, message: bytes) -> bytes:
        """A keyed digest of `message` for one named use."""
        return hmac.new(self._index, f"clearline/mac/v1|{use}|".encode() + message, hashlib.sha256).digest()

    def source_key(self, source: str) -> bytes:
        """The key by which a sandbox's source of own data signs: the same as long as the index key is."""
        return self.mac("source-key", source.encode())

    @staticmethod
    def _subject_place(subject_id: UUID) -> bytes:
        return f"clearline/v1|customer|key_wrapped|{subject_id}".encode()
