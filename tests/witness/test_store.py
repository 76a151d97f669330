"""The witness's folder: key and store belong together, nothing goes back, and nothing is signed that is not kept."""

import sqlite3
import stat
from pathlib import Path

import pytest

from app.domain.proof.signed.keys import Kind
from app.domain.proof.witness import Head, Witness
from app.doors.signing import SigningKey
from tests.domain.proof.a_log import LOG, ORIGIN, SMALL
from tests.witness.asking import NAME, OTHER, body
from witness.app import Cosigner
from witness.home import HomeUnusable, take_up
from witness.keys import CosigningKey, KeyUnusable
from witness.store import EVIDENCE_MAX, Store

ROOT = b"\1" * 32


def at_work(home: Path, now: int = 1_000) -> tuple[Cosigner, Store]:
    key, store = take_up(home, NAME)
    return Cosigner(Witness(key.vkey, {ORIGIN: [LOG.vkey]}), key, store, lambda: now), store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "witness.sqlite")


def test_a_first_start_makes_a_key_of_its_owners_alone_and_a_second_takes_it_up(tmp_path: Path) -> None:
    key, store = take_up(tmp_path / "home", NAME)
    store.close()
    again, store = take_up(tmp_path / "home", NAME)
    store.close()
    assert again.vkey == key.vkey
    assert stat.S_IMODE((tmp_path / "home" / "witness.key").stat().st_mode) == 0o600
    assert (tmp_path / "home" / "witness.vkey").read_text() == f"{key.vkey}\n"


def test_a_lost_store_is_never_begun_anew_under_the_old_key(tmp_path: Path) -> None:
    take_up(tmp_path, NAME)[1].close()
    for path in tmp_path.glob("witness.sqlite*"):
        path.unlink()
    with pytest.raises(HomeUnusable, match="lost"):
        take_up(tmp_path, NAME)
    assert not (tmp_path / "witness.sqlite").exists()


def test_a_lost_key_is_never_replaced_once_something_was_cosigned(tmp_path: Path) -> None:
    cosigner, store = at_work(tmp_path)
    assert cosigner.add_checkpoint(body(0, 3)).status == 200
    store.close()
    (tmp_path / "witness.key").unlink()
    with pytest.raises(HomeUnusable, match="lost"):
        take_up(tmp_path, NAME)


def test_a_first_start_that_was_cut_off_before_its_key_is_begun_again(tmp_path: Path) -> None:
    Store(tmp_path / "witness.sqlite").close()
    (tmp_path / "witness.new").write_text("half a k")
    key, store = take_up(tmp_path, NAME)
    assert store.vkey() == str(key.vkey)


def test_a_store_of_another_key_or_another_name_is_not_taken_up(tmp_path: Path) -> None:
    cosigner, store = at_work(tmp_path)
    assert cosigner.add_checkpoint(body(0, 3)).status == 200
    store.close()
    with pytest.raises(HomeUnusable, match=NAME):
        take_up(tmp_path, "another.example/w")
    (tmp_path / "witness.key").unlink()
    CosigningKey.new(NAME).write(tmp_path / "witness.key")
    with pytest.raises(HomeUnusable, match="another key"):
        take_up(tmp_path, NAME)


@pytest.mark.parametrize(
    "content",
    [b"", b"nonsense\n", b"\xff", SigningKey.new("log.example").written().encode()],
    ids=["empty", "nonsense", "no text", "a signing key"],
)
def test_a_file_that_is_no_cosigning_key_is_told_so(tmp_path: Path, content: bytes) -> None:
    take_up(tmp_path, NAME)[1].close()
    (tmp_path / "witness.key").write_bytes(content)
    with pytest.raises(KeyUnusable):
        take_up(tmp_path, NAME)


def test_a_key_under_another_id_is_not_taken_up(tmp_path: Path) -> None:
    path = tmp_path / "witness.key"
    written = SigningKey.of_seed(NAME, Kind.COSIGNATURE, bytes(32)).written()
    path.write_text(written.replace("north", "south"))
    with pytest.raises(KeyUnusable):
        CosigningKey.from_file(path)


@pytest.mark.parametrize(
    "head", [Head(4, ROOT, 10), Head(5, b"\2" * 32, 10), Head(6, ROOT, 9), Head(6, ROOT[:31], 10), Head(6, ROOT, 0)]
)
def test_the_database_itself_refuses_to_go_back(store: Store, head: Head) -> None:
    with store.turn():
        store.keep(ORIGIN, Head(5, ROOT, 10), SMALL.signed())
    with pytest.raises(sqlite3.IntegrityError), store.turn():
        store.keep(ORIGIN, head, SMALL.signed())
    assert store.head(ORIGIN) == Head(5, ROOT, 10)
    with pytest.raises(sqlite3.IntegrityError), store.turn():
        store._db.execute("DELETE FROM head")


def test_a_commit_is_on_the_disk_when_it_returns(store: Store) -> None:
    assert store._db.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
    assert store._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_what_a_log_has_signed_and_cannot_prove_is_kept_once_and_not_without_end(tmp_path: Path) -> None:
    cosigner, store = at_work(tmp_path)
    assert cosigner.add_checkpoint(body(0, 8)).status == 200
    for _ in range(2):
        assert cosigner.add_checkpoint(body(8, 9, OTHER)).status == 422
    rows = store._db.execute("SELECT origin, request FROM evidence").fetchall()
    assert rows == [(ORIGIN, body(8, 9, OTHER))]
    assert cosigner.add_checkpoint(body(0, 9)).status == 409
    with store.turn():
        for number in range(EVIDENCE_MAX + 5):
            store.testify(ORIGIN, b"%d" % number, "told", 1)
    assert store._db.execute("SELECT count(*) FROM evidence").fetchone() == (EVIDENCE_MAX,)


def test_a_clock_that_steps_back_does_not_take_the_told_time_with_it(tmp_path: Path) -> None:
    first, store = at_work(tmp_path, now=2_000)
    assert first.add_checkpoint(body(0, 3)).status == 200
    store.close()
    later, store = at_work(tmp_path, now=50)
    assert later.add_checkpoint(body(3, 4)).status == 200
    head = store.head(ORIGIN)
    assert head is not None
    assert (head.size, head.seconds) == (4, 2_000)
