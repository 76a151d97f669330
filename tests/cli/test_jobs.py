"""Dead jobs, from the fault to the operator and back to work."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app.flows.dead import dead_jobs, revive
from app.flows.worker import FLOW_OF, TROUBLE_MAX
from models.plumbing import Job
from tests.cli.inside import verb
from tests.world import World

DIED = """INSERT INTO job (id, kind, subject_id, due_at_us, lease_until_us, attempts, state, trouble) VALUES
    ('00000000-0000-7000-8000-000000000001', 'TELL', '00000000-0000-7000-8000-000000000002', 0, 0, 20, 'DEAD', 'OSError#20')"""


async def test_a_job_that_keeps_failing_dies_and_works_again_when_it_is_revived(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise ZeroDivisionError("of 张三")

    person = await world.new()
    await world.grant(person)
    applied = await world.apply(person)
    with monkeypatch.context() as patch:
        patch.setitem(FLOW_OF, "ASSESS_APPLICATION", broken)
        for _ in range(TROUBLE_MAX + 1):
            await Job.filter(kind="ASSESS_APPLICATION").update(due_at_us=0)
            await world.house.worker().run_due()
    dead = await dead_jobs()
    assert [(job.kind, job.trouble) for job in dead.jobs] == [
        ("ASSESS_APPLICATION", f"ZeroDivisionError#{TROUBLE_MAX}")
    ]
    assert await revive(world.house.desk, dead.jobs[0].id) == 1
    assert ((await dead_jobs()).many, await revive(world.house.desk, None)) == (0, 0)
    await world.settle()
    assert (await world.node("MyApplication", applied["application"]["id"], person))["status"] == "DECIDED"
    assert await world.bureau_records(person) == 1


def test_the_operator_sees_a_dead_job_and_makes_it_ready_again(tmp_path: Path) -> None:
    assert verb(tmp_path, "migrate", "--seed").exit_code == 0
    assert "no job is dead" in verb(tmp_path, "jobs", "list").stdout
    with closing(sqlite3.connect(tmp_path / "clearline.sqlite")) as book, book:
        book.execute(DIED)
    told = verb(tmp_path, "jobs", "list", "--json")
    (job,) = json.loads(told.stdout)["jobs"]
    assert (told.exit_code, job["kind"], job["trouble"]) == (1, "TELL", "OSError#20")
    assert job["id"] in verb(tmp_path, "jobs", "list").stdout
    checks = json.loads(verb(tmp_path, "doctor", "--json").stdout)["checks"]
    assert [(check["ok"], check["found"]) for check in checks if check["name"] == "jobs"] == [(False, "1 dead")]
    assert verb(tmp_path, "jobs", "retry").exit_code == 2
    unknown = verb(tmp_path, "jobs", "retry", "00000000-0000-7000-8000-000000000009")
    assert (unknown.exit_code, "no dead job 00000000-0000-7000-8000-000000000009" in unknown.stderr) == (1, True)
    assert "jobs list" in unknown.stderr
    assert verb(tmp_path, "jobs", "retry", job["id"]).stdout == "1 made ready again\n"
    assert verb(tmp_path, "jobs", "retry", "--all").exit_code == 1
    assert verb(tmp_path, "jobs", "list").exit_code == 0
