"""An old copy of the book is restored: the log notices before it signs, and nobody is asked about meanwhile."""

import shutil
from pathlib import Path

import pytest

from app.cli.proof.log import examined
from app.cli.proof.policy import published_under, write_each
from app.domain.proof import bundle
from app.domain.proof.signed import policy as policies
from app.domain.proof.signed.cosignature import cosign
from app.domain.proof.standing import Standing
from app.doors.signing import verify
from app.flows.ledger.proving import proof_of, published_note, trusted_policies
from app.settings import Settings
from models.connection import close_database, open_database
from models.consent import Inquiry
from models.proof import TlogCheckpoint, TlogEntry, TlogState
from tests.flows.ledger.tables import by_a_superuser
from tests.flows.ledger.test_intent_first import away
from tests.flows.ledger.test_superuser import taken_back
from tests.flows.trail import work_once
from tests.services.postgres import PostgresAddress
from tests.services.witnesses import running_witnesses, witnesses_of_this_run
from tests.world import Person, World, introduce, new_log, open_world
from witness.keys import CosigningKey


async def lived(world: World) -> None:
    """A little life, in the log."""
    await world.grant(await world.new(), "MARKETING")
    await world.sequencer.round()


async def test_a_copied_file_carried_on(tmp_path: Path, bureau_url: str, payments_url: str) -> None:
    book, old = tmp_path / "book.sqlite", tmp_path / "old.sqlite"
    async with open_world(f"sqlite://{book}", tmp_path, bureau_url, payments_url) as world:
        await lived(world)
        settings = world.house.settings
    shutil.copy(book, old)
    async with open_world(f"sqlite://{book}", tmp_path, bureau_url, payments_url, **kept(settings)) as world:
        await lived(world)
        newest = await TlogCheckpoint.all().count()
    shutil.copy(old, book)
    async with open_world(f"sqlite://{book}", tmp_path, bureau_url, payments_url, **kept(settings)) as world:
        await refuses(world, newest)


async def test_a_database_that_falls_back_under_a_running_sequencer_is_noticed_before_it_signs(
    tmp_path: Path, bureau_url: str, payments_url: str
) -> None:
    book, old = tmp_path / "book.sqlite", tmp_path / "old.sqlite"
    async with open_world(f"sqlite://{book}", tmp_path, bureau_url, payments_url) as world:
        await lived(world)
        for copied, onto in ((book, old), (old, book)):
            await close_database()
            shutil.copy(copied, onto)
            await open_database(world.house.settings.database)
            if copied == book:
                await lived(world)
                newest = await TlogCheckpoint.all().count()
        await refuses(world, newest)


@pytest.mark.postgres
async def test_a_restored_dump_carried_on(
    tmp_path: Path, bureau_url: str, payments_url: str, postgres: PostgresAddress
) -> None:
    async with postgres.database() as name:
        url = postgres.url(name)
        async with open_world(url, tmp_path, bureau_url, payments_url) as world:
            await lived(world)
            settings = world.house.settings
        async with postgres.database(name) as old:
            async with open_world(url, tmp_path, bureau_url, payments_url, **kept(settings)) as world:
                await lived(world)
                newest = await TlogCheckpoint.all().count()
            restored = url.replace(f"/{name}?", f"/{old}?")
            async with open_world(restored, tmp_path, bureau_url, payments_url, **kept(settings)) as world:
                await refuses(world, newest)


def kept(settings: Settings) -> dict[str, object]:
    """The same log and institution again."""
    return {
        "log_origin": settings.log_origin,
        "log_policy": settings.log_policy_file,
        "institution": settings.institution,
    }


async def refuses(world: World, newest: int) -> None:
    """Nothing is appended, signed or asked, whoever tries and how often."""
    before = await TlogState.get(id=1)
    assert await TlogCheckpoint.all().count() == newest - 1
    person = await world.new()
    await world.grant(person)
    applied = await world.apply(person)
    for _ in range(3):
        await work_once(world)
    state = await TlogState.get(id=1)
    assert (state.standing, state.size, state.root) == ("FORKED", before.size, before.root)
    assert await TlogCheckpoint.all().count() == newest - 1
    application = await world.node("MyApplication", applied["application"]["id"], person)
    assert (application["status"], await world.bureau_records(person)) == ("RECEIVED", 0)
    consents = (await world.ask("MyRecords", {}, person.token))["viewer"]["consents"]["nodes"]
    bureau = [consent["status"] for consent in consents if consent["purpose"] == "FIRST_APPLICATION"]
    assert bureau == ["GIVEN"]


async def test_a_log_that_lost_everything_is_not_begun_again(
    tmp_path: Path, bureau_url: str, payments_url: str
) -> None:
    async with open_world(f"sqlite://{tmp_path / 'one.sqlite'}", tmp_path, bureau_url, payments_url) as world:
        await lived(world)
        settings = world.house.settings
    async with open_world(
        f"sqlite://{tmp_path / 'two.sqlite'}", tmp_path, bureau_url, payments_url, **kept(settings)
    ) as world:
        await world.grant(await world.new(), "MARKETING")
        await world.sequencer.round()
        state = await TlogState.get(id=1)
        assert (state.standing, state.size) == ("FORKED", 0)


async def test_a_new_log_goes_on_over_an_old_copy_and_what_the_old_one_proved_stays(
    tmp_path: Path, bureau_url: str, payments_url: str
) -> None:
    """The log's key is lost, or the copy is older than its witnesses: a new name, a new key, the same book."""
    book = f"sqlite://{tmp_path / 'book.sqlite'}"
    async with open_world(book, tmp_path, bureau_url, payments_url) as world:
        person = await world.new()
        await world.decided(person)
        await world.sequencer.round()
        (intent,) = await TlogEntry.filter(entry_id__in=await Inquiry.all().values_list("intent_entry_id", flat=True))
        old = world.house.settings
    earlier = old.log_policy_file.read_text(encoding="utf-8").splitlines()[0]
    (tmp_path / "log-key.txt").rename(tmp_path / "log-key.earlier.txt")
    log, policy = new_log(tmp_path)
    (tmp_path / "log-policy.txt").write_text(f"{policy}{earlier}\n", encoding="utf-8")
    log["institution"] = old.institution
    await introduce(bureau_url, old.institution, policy)
    async with open_world(
        book, tmp_path, bureau_url, payments_url, log_policy=tmp_path / "log-policy.txt", **log
    ) as world:
        ledger = world.house.desk.ledger
        assert ledger is not None
        await world.sequencer.round()
        assert await proof_of(intent.entry_id, ledger) is None  # the new log has said nothing yet
        other = await world.new()
        application = await world.decided(other)
        assert (application["status"], await world.bureau_records(other)) == ("DECIDED", 1)
        proven = await proof_of(intent.entry_id, ledger)
        assert proven is not None
        assert (
            policies.judge(ledger.policy, proven.proof.checkpoint.encode(), verify).checkpoint.origin
            == log["log_origin"]
        )
        report = await examined(world.house, beside_witnesses=True)
        assert (report.found.wrong, report.standing) == ([], Standing.FIT)


async def test_a_witness_is_replaced_and_what_it_cosigned_before_stays_proven(
    tmp_path: Path, bureau_url: str, payments_url: str
) -> None:
    book = f"sqlite://{tmp_path / 'book.sqlite'}"
    async with open_world(book, tmp_path, bureau_url, payments_url) as world:
        away("east")  # so that the old quorum rests on the one that will go
        person = await world.with_line()
        await world.settle()
        receipt = await receipt_of(world, person)
        settings = world.house.settings
    witnesses_of_this_run().behave()
    old = settings.log_policy_file.read_bytes()
    with running_witnesses() as others:
        fresh = others.members["south"]
        fresh.logs.update(witnesses_of_this_run().members["south"].logs)
        lines = [
            f"witness south {fresh.cosigner.vkey} {fresh.url}" if line.startswith("witness south ") else line
            for line in old.decode().splitlines()
        ]
        settings.log_policy_file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        async with open_world(book, tmp_path, bureau_url, payments_url, **kept(settings)) as world:
            ledger = world.house.desk.ledger
            assert ledger is not None
            assert await receipt_of(world, person) == receipt  # before the new quorum has said anything
            for _ in range(10):  # the quorum waits for a third only a moment
                await lived(world)
                head = await TlogCheckpoint.all().order_by("-size").first()
                assert head is not None
                judged = policies.judge(ledger.policy, str(published_note(head, ledger.key.vkey)).encode(), verify)
                if len(judged.witnessed) == 3:
                    break
            assert sorted(judged.witnessed) == ["east", "north", "south"]
            first, second = await published_under(world.house)
            write_each((first, second), tmp_path)
            assert (tmp_path / "log-policy-1.txt").read_bytes() == old
            assert (first.first_size, first.policy, second.policy) == (0, old, ledger.policy_text)
            assert bundle.verify_file(receipt, await trusted_policies(ledger), verify)
            listed = (await world.http.get("/log/policies")).json()["policies"]
            assert [one["sha256"] for one in listed] == [first.sha256, second.sha256]
            served = [(await world.http.get(f"/log/policies/{one['number']}.txt")).content for one in listed]
            assert served == [old, ledger.policy_text]
            assert (await examined(world.house, beside_witnesses=True)).found.wrong == []
            await _cosigned_too_early(world, fresh.cosigner)


async def test_a_witness_that_moves_leaves_the_keys_that_a_customer_kept_as_good_as_they_were(
    tmp_path: Path, bureau_url: str, payments_url: str
) -> None:
    book = f"sqlite://{tmp_path / 'book.sqlite'}"
    async with open_world(book, tmp_path, bureau_url, payments_url) as world:
        person = await world.with_line()
        await world.settle()
        before = await receipt_of(world, person)
        settings = world.house.settings
    kept_keys = settings.log_policy_file.read_bytes()
    moved = kept_keys.replace(b"127.0.0.1", b"localhost")
    assert moved != kept_keys
    settings.log_policy_file.write_bytes(moved)
    async with open_world(book, tmp_path, bureau_url, payments_url, **kept(settings)) as world:
        await lived(world)
        fetched = await receipt_of(world, person)
        assert fetched == before
        for keys in (kept_keys, moved):
            assert bundle.verify_file(fetched, [keys], verify)


async def _cosigned_too_early(world: World, fresh: CosigningKey) -> None:
    """A quorum of today under a checkpoint of before proves nothing."""
    early = await TlogCheckpoint.filter(published_at_us__isnull=False).order_by("size").first()
    assert early is not None
    lines = [line for line in early.cosignatures.splitlines() if "north" in line]
    lines.append(str(cosign(fresh.vkey, fresh.sign, early.body, 1_800_000_000)))
    async with taken_back():
        said = "UPDATE tlog_checkpoint SET cosignatures = $1 WHERE size = $2"
        await by_a_superuser("tlog_checkpoint", said, "".join(f"{line}\n" for line in lines), early.size)
        wrong = (await examined(world.house, beside_witnesses=True)).found.wrong
    assert len(wrong) == 1
    assert wrong[0].startswith(f"the checkpoint of {early.size} entries is not cosigned by the quorum of its time")


async def receipt_of(world: World, person: Person) -> bytes:
    """The file that proves the person's inquiry, as it is fetched."""
    node = (await world.ask("MyReceipts", {}, person.token))["viewer"]["inquiries"]["nodes"][0]
    answer = await world.http.get(node["receipt"]["path"], headers={"authorization": f"Bearer {person.token}"})
    assert answer.status_code == 200, answer.text
    return bytes(answer.content)
