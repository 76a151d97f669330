"""The keys door: what is sealed opens in its own place under its own key, and nowhere else."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from app.doors.keys import KEY_BYTES, Keys, KeysUnusable, SubjectBox, WrongKey
from app.doors.ledger import log_key
from tests.needs import ROOT

PLAIN = "林知远 990101199003070013".encode()
ROW, SUBJECT = UUID(int=1), UUID(int=2)
AT_ONCE = 4


@pytest.fixture(scope="module")
def keys() -> Keys:
    return Keys(bytes(range(32)), bytes(range(32, 64)))


@pytest.fixture(scope="module")
def wrapped(keys: Keys) -> bytes:
    return keys.new_subject(SUBJECT)


@pytest.fixture(scope="module")
def box(keys: Keys, wrapped: bytes) -> SubjectBox:
    return keys.subject(SUBJECT, wrapped)


def test_what_is_sealed_opens_and_shows_nothing_of_itself(box: SubjectBox) -> None:
    sealed = box.seal("customer", "name_sealed", ROW, PLAIN)
    assert box.open("customer", "name_sealed", ROW, sealed) == PLAIN
    assert PLAIN not in sealed
    assert box.seal("customer", "name_sealed", ROW, PLAIN) != sealed
    assert box.open("t", "c", ROW, box.seal("t", "c", ROW, b"")) == b""


@pytest.mark.parametrize(("table", "column", "row"), [
    ("customers", "name_sealed", ROW),
    ("customer", "phone_sealed", ROW),
    ("customer", "name_sealed", UUID(int=3)),
    ("customer|name_sealed", "", ROW),
])  # fmt: skip
def test_a_value_moved_to_another_place_does_not_open(box: SubjectBox, table: str, column: str, row: UUID) -> None:
    sealed = box.seal("customer", "name_sealed", ROW, PLAIN)
    with pytest.raises(WrongKey):
        box.open(table, column, row, sealed)


def test_a_value_of_another_person_does_not_open(keys: Keys, box: SubjectBox) -> None:
    sealed = box.seal("customer", "name_sealed", ROW, PLAIN)
    other = uuid4()
    with pytest.raises(WrongKey):
        keys.subject(other, keys.new_subject(other)).open("customer", "name_sealed", ROW, sealed)


def test_a_persons_key_under_another_persons_id_does_not_open(keys: Keys, wrapped: bytes) -> None:
    with pytest.raises(WrongKey):
        keys.subject(uuid4(), wrapped)


def test_a_destroyed_key_destroys_what_it_sealed(keys: Keys, box: SubjectBox) -> None:
    sealed = box.seal("customer", "name_sealed", ROW, PLAIN)
    for rest in (b"", bytes(65), sealed):
        with pytest.raises(WrongKey):
            keys.subject(SUBJECT, rest)


def test_another_root_key_opens_nothing(wrapped: bytes) -> None:
    with pytest.raises(WrongKey):
        Keys(bytes(32), bytes(32)).subject(SUBJECT, wrapped)


def test_every_changed_byte_and_every_missing_end_is_noticed(box: SubjectBox) -> None:
    sealed = box.seal("customer", "name_sealed", ROW, PLAIN)
    for place in range(len(sealed)):
        changed = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        with pytest.raises(WrongKey):
            box.open("customer", "name_sealed", ROW, changed)
        with pytest.raises(WrongKey):
            box.open("customer", "name_sealed", ROW, sealed[:place])


def test_an_index_is_the_same_for_the_same_value_and_field_only(keys: Keys) -> None:
    index = keys.index("id_number", "990101199003070013")
    assert index == keys.index("id_number", "990101199003070013")
    others = {keys.index("id_number", "99010119900307003X"), keys.index("phone", "990101199003070013")}
    assert index not in others
    assert index != Keys(bytes(32), bytes(32)).index("id_number", "990101199003070013")


def test_a_digest_is_of_one_use(keys: Keys) -> None:
    assert keys.mac("quote", b"x") == keys.mac("quote", b"x")
    assert len({keys.mac("quote", b"x"), keys.mac("signing-code", b"x"), keys.mac("quote", b"y")}) == 3


def test_neither_keys_nor_boxes_print_their_secret(keys: Keys, box: SubjectBox) -> None:
    shown = repr(keys) + repr(box) + str(box)
    assert bytes(range(32)).hex() not in shown
    assert "_secret" not in shown


# ---- fresh key files --------------------------------------------------------------------------------------

MAKERS: dict[str, Callable[[Path], object]] = {
    "the sandbox's keys": Keys.from_file,
    "the log's key": lambda path: log_key(path, "clearline.example/log"),
}
makers = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)


@makers
def test_a_fresh_key_is_on_the_disk_before_it_has_its_name_and_its_name_before_it_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], object]
) -> None:
    order, fsync, link = [], os.fsync, os.link

    def synced(descriptor: int) -> None:
        fsync(descriptor)
        found = os.fstat(descriptor)
        order.append("folder" if stat.S_ISDIR(found.st_mode) else f"file {found.st_size}")

    def named(old: str, new: Path) -> None:
        link(old, new)
        order.append("named")

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "link", named)
    make(tmp_path / "key")
    assert order == [f"file {(tmp_path / 'key').stat().st_size}", "named", "folder"]


@makers
def test_what_a_start_that_was_cut_off_left_stops_no_other(tmp_path: Path, make: Callable[[Path], object]) -> None:
    left = tmp_path / f"key.{os.getpid()}.new"  # in a container each start has the same number
    left.touch()
    make(tmp_path / "key")
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    assert set(tmp_path.iterdir()) == {left, tmp_path / "key"}


# ---- the sandbox's key file -------------------------------------------------------------------------------


def test_the_key_file_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "home" / "keys.json"
    made = Keys.from_file(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["keys.json"]
    wrapped = made.new_subject(SUBJECT)
    assert Keys.from_file(path).subject(SUBJECT, wrapped).subject_id == SUBJECT
    stored = json.loads(path.read_text(encoding="utf-8"))
    assert len({stored["root"], stored["index"]}) == 2
    assert {len(bytes.fromhex(stored[name])) for name in ("root", "index")} == {KEY_BYTES}


@pytest.mark.parametrize(
    "text", ["{}", '{"schema": "other/1"}', "not json", '{"schema": "clearline-keys/1", "root": "00", "index": "00"}']
)
def test_a_file_that_is_no_key_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(KeysUnusable, match="is not a key file"):
        Keys.from_file(path)


def test_a_key_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Keys(bytes(31), bytes(32))


def test_processes_that_start_at_once_on_an_empty_home_share_one_key(tmp_path: Path) -> None:
    path = tmp_path / "home" / "keys.json"
    told = """
import sys, pathlib
from app.doors.keys import Keys
print("ready", flush=True)
sys.stdin.readline()
print(Keys.from_file(pathlib.Path(sys.argv[1])).mac("canary", b"x").hex())
"""
    command = [sys.executable, "-c", told, str(path)]
    running = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(AT_ONCE)
    ]
    for child in running:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    for child in running:
        assert child.stdin is not None
        child.stdin.write("\n")
        child.stdin.flush()
    said = {child.communicate()[0].strip() for child in running}
    assert said == {Keys.from_file(path).mac("canary", b"x").hex()}
    assert [child.returncode for child in running] == [0] * AT_ONCE
