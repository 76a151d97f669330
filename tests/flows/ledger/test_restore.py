"""An old copy of the book is restored: the log notices before it signs, and nobody is asked about meanwhile."""

import shutil
from pathlib import Path

import pytest

from app.cli.proof.log import examined
from app.domain.proof.signed import policy as policies
from app.domain.proof.standing import Standing
from app.doors.signing import verify
from app.flows.ledger.proving import proof_of, published_note
from app.settings import Settings
from models.consent import Inquiry
from models.proof import TlogCheckpoint, TlogEntry, TlogState
from tests.flows.trail import work_once
from tests.services.postgres import PostgresAddress
from tests.services.witnesses import running_witnesses, witnesses_of_this_run
from tests.world import World, introduce, new_log, open_world


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


@pytest.mark.postgres
async def test_a_restored_dump_carried_on(
    tmp_path: Path, bureau_url: str, payments_url: str, postgres: PostgresAddress
) -> None:
    async with postgres.database() as name:
        url = f"postgres://{postgres.user}@localhost/{name}?host={postgres.host}&port={postgres.port}"
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
        assert await proof_of(intent.entry_id, ledger.key.vkey) is None  # the new log has said nothing yet
        other = await world.new()
        application = await world.decided(other)
        assert (application["status"], await world.bureau_records(other)) == ("DECIDED", 1)
        proven = await proof_of(intent.entry_id, ledger.key.vkey)
        assert proven is not None
        assert (
            policies.judge(ledger.policy, proven.proof.checkpoint.encode(), verify).checkpoint.origin
            == log["log_origin"]
        )
        report = await examined(world.house, beside_witnesses=True)
        assert (report.found.wrong, report.standing) == ([], Standing.FIT)


async def test_a_witness_that_lost_its_store_is_replaced_by_a_new_one(
    tmp_path: Path, bureau_url: str, payments_url: str
) -> None:
    book = f"sqlite://{tmp_path / 'book.sqlite'}"
    async with open_world(book, tmp_path, bureau_url, payments_url) as world:
        await lived(world)
        settings = world.house.settings
    with running_witnesses() as others:
        fresh, policy = others.members["south"], settings.log_policy_file.read_text(encoding="utf-8")
        fresh.logs.update(witnesses_of_this_run().members["south"].logs)
        lines = [
            f"witness south {fresh.cosigner.vkey} {fresh.url}" if line.startswith("witness south ") else line
            for line in policy.splitlines()
        ]
        settings.log_policy_file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        async with open_world(book, tmp_path, bureau_url, payments_url, **kept(settings)) as world:
            ledger = world.house.desk.ledger
            assert ledger is not None
            for _ in range(10):  # the quorum waits for a third only a moment
                await lived(world)
                head = await TlogCheckpoint.all().order_by("-size").first()
                assert head is not None
                judged = policies.judge(ledger.policy, str(published_note(head, ledger.key.vkey)).encode(), verify)
                if len(judged.witnessed) == 3:
                    break
            assert sorted(judged.witnessed) == ["east", "north", "south"]
