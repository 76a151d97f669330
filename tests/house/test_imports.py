"""The import contracts of pyproject.toml: each is kept by a clean house and broken by one bad import."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.needs import ROOT

# The rooms that the contracts name, empty.
ROOMS = [
    "app/__main__.py", "app/main.py", "app/settings.py", "app/clock.py", "app/cli/__init__.py",
    "app/api/__init__.py", "app/api/customer/__init__.py", "app/api/customer/verbs.py",
    "app/api/reading/__init__.py", "app/api/reading/lines.py",
    "app/flows/__init__.py", "app/flows/credit/__init__.py", "app/flows/credit/assessing.py", "app/flows/sweeping.py",
    "app/doors/__init__.py", "app/doors/redis.py",
    "app/doors/bureau/__init__.py", "app/doors/bureau/inquire.py",
    "app/domain/__init__.py", "app/domain/money.py", "app/domain/proof/__init__.py", "app/domain/proof/note.py",
    "models/__init__.py", "models/people.py",
    "ml/__init__.py", "ml/serving/__init__.py", "ml/training/__init__.py",
    "sims/__init__.py", "sims/bureau.py",
    "witness/__init__.py", "witness/app.py",
]  # fmt: skip
ALLOWED = {
    "app/__main__.py": "import app.main",
    "app/main.py": "import app.api, app.settings, app.doors.bureau.inquire",
    "app/api/customer/verbs.py": "import app.flows.sweeping, app.api.reading.lines",
    "app/api/reading/lines.py": "import models, models.people",
    "app/flows/credit/assessing.py": "import app.doors.bureau.inquire, models.people, ml.serving, app.clock",
    "app/doors/redis.py": "import app.domain.money",
    "ml/training/__init__.py": "import ml.serving, numpy",
    "app/domain/money.py": "import decimal",
    "witness/app.py": "import app.domain.proof.note, sqlite3",
}
BAD = [
    ("rings", "app/flows/sweeping.py", "import app.api.customer"),
    ("rings", "app/doors/redis.py", "import models.people"),
    ("rings", "models/people.py", "import ml.serving"),
    ("leaves", "models/people.py", "import app.clock"),
    ("law", "app/domain/money.py", "import asyncio"),
    ("law", "app/domain/money.py", "import app.settings"),
    ("sight", "app/api/customer/verbs.py", "import models.people"),
    ("sight", "app/api/__init__.py", "import models"),
    ("door", "app/flows/sweeping.py", "import app.doors.bureau.inquire"),
    ("outsiders", "sims/bureau.py", "import app.domain.money"),
    ("neighbours", "app/cli/__init__.py", "import sims.bureau"),
    ("neighbours", "app/doors/redis.py", "import witness.app"),
    ("outsiders", "sims/bureau.py", "import witness"),
    ("witness", "witness/app.py", "import app.doors.redis"),
    ("scale", "ml/serving/__init__.py", "import ml.training"),
]


def judged(house: Path, extra: dict[str, str], *contracts: str) -> str:
    """What the import linter says of a stub of the house with `extra` imports, under our contracts."""
    for room in ROOMS:
        path = house / room
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{ALLOWED.get(room, '')}\n{extra.get(room, '')}\n")
    (house / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    only = [part for contract in contracts for part in ("--contract", contract)]
    program = Path(sys.executable).with_name("lint-imports")
    environment = os.environ | {"PYTHONPATH": str(house)}
    judging = [str(program), "--no-cache", *only]
    done = subprocess.run(judging, cwd=house, env=environment, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def names() -> dict[str, str]:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    return {contract["id"]: contract["name"] for contract in contracts}


def test_a_clean_house_keeps_all_contracts(tmp_path: Path) -> None:
    said = judged(tmp_path, {})
    assert f"Contracts: {len(names())} kept, 0 broken." in said, said


@pytest.mark.parametrize(("contract", "room", "line"), BAD)
def test_one_bad_import_breaks_its_contract(contract: str, room: str, line: str, tmp_path: Path) -> None:
    said = judged(tmp_path, {room: line}, contract)
    assert f"{names()[contract]} BROKEN" in said, said


def test_each_contract_has_an_import_that_breaks_it() -> None:
    assert {contract for contract, _, _ in BAD} == set(names())
