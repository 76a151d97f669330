"""The verbs of those who guard the data, typed as an operator types them, in one process."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli.verbs import cli


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own for the verbs."""
    monkeypatch.setenv("CLEARLINE_HOME", str(tmp_path))
    return tmp_path


def clearline(*words: str) -> Result:
    return CliRunner().invoke(cli, words)


def test_the_register_is_told_to_machines_without_a_database(home: Path) -> None:
    told = json.loads(clearline("privacy", "register", "--json").stdout)
    tables = {table["name"]: table for table in told["tables"]}
    assert tables["instalment"]["ofCustomer"] == [{"column": "loan_id", "table": "loan"}]
    assert not (home / "clearline.sqlite").exists()


def test_a_training_is_recorded_on_a_colleagues_word_and_listed(home: Path) -> None:
    for verb in ("migrate", "seed"):
        assert clearline(verb).exit_code == 0
    asked = ("training", "record", "compliance", "PERSONAL_INFORMATION", "--on", "2020-02-29", "--evidence", "no. 7")
    own = clearline(*asked, "--by", "compliance")
    assert (own.exit_code, "nobody records an own training" in own.stderr) == (1, True)
    assert clearline(*asked, "--by", "risk").exit_code == 1
    assert clearline(*asked, "--by", "compliance2").exit_code == 0
    staff = json.loads(clearline("training", "list", "--json").stdout)["staff"]
    (told,) = [one for one in staff if one["login"] == "compliance"]
    assert told["courses"][0] == {
        "course": "PERSONAL_INFORMATION",
        "standing": "EXPIRED",
        "expiresOn": "2021-02-28",
        "daysLeft": 0,
    }
    assert clearline("privacy", "sweep").stdout.strip() == "nothing is past its time"
