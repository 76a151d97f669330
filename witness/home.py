"""The folder of a witness: its key and its store, which belong together or not at all."""

from pathlib import Path
from typing import Final

from app.domain.proof.signed.keys import check_name
from witness.keys import CosigningKey
from witness.store import Store

KEY_FILE: Final = "witness.key"
STORE_FILE: Final = "witness.sqlite"
VKEY_FILE: Final = "witness.vkey"


class HomeUnusable(Exception):
    """Key and store do not belong together. Going on could cosign a fork."""


def take_up(home: Path, name: str) -> tuple[CosigningKey, Store]:
    """The key and the store of the witness `name`; in an empty folder, new ones.

    A key whose store is lost could sign a smaller or another tree than it once did, so it never starts from zero again.

    Raises:
        HomeUnusable: one of the two is missing, or they are not this witness's.
        KeyUnusable: the key file is none.
    """
    check_name(name)
    home.mkdir(parents=True, exist_ok=True)
    key_path, store_path = home / KEY_FILE, home / STORE_FILE
    if key_path.exists() and not store_path.exists():
        raise HomeUnusable(
            f"{store_path} is lost. Its key must not sign again: begin anew in another folder, with a new name"
        )
    store = Store(store_path)
    try:
        with store.turn():  # two starts at once make one key
            key = _own_key(store, key_path, name)
    except BaseException:
        store.close()
        raise
    (home / VKEY_FILE).write_text(f"{key.vkey}\n", encoding="utf-8")
    return key, store


def _own_key(store: Store, path: Path, name: str) -> CosigningKey:
    if path.exists():
        key = CosigningKey.from_file(path)
    elif store.is_fresh():
        key = CosigningKey.new(name)
        store.belong_to(str(key.vkey))
        key.write(path)
    else:
        raise HomeUnusable(f"{path} is lost: restore it, or begin anew in another folder, with a new name")
    if store.vkey() != str(key.vkey):
        if not store.is_fresh():
            raise HomeUnusable("the store is of another key: restore the one that belongs to it")
        store.belong_to(str(key.vkey))  # the first start was cut off between the two files
    if key.vkey.name != name:
        raise HomeUnusable(f"this is the folder of the witness {key.vkey.name}")
    return key
