"""The verbs of those who guard the data, typed as an operator types them, in one process."""

import json
from pathlib import Path

from tests.cli.inside import verb


def test_the_register_is_told_to_machines_without_a_database(tmp_path: Path) -> None:
    told = json.loads(verb(tmp_path, "privacy", "register", "--json").stdout)
    tables = {table["name"]: table for table in told["tables"]}
    assert tables["instalment"]["ofCustomer"] == [{"column": "loan_id", "table": "loan"}]
    assert not (tmp_path / "clearline.sqlite").exists()


def test_a_training_is_recorded_on_a_colleagues_word_and_listed(tmp_path: Path) -> None:
    assert verb(tmp_path, "migrate", "--seed").exit_code == 0
    asked = ("training", "record", "compliance", "PERSONAL_INFORMATION", "--on", "2020-02-29", "--evidence", "no. 7")
    own = verb(tmp_path, *asked, "--by", "compliance")
    assert (own.exit_code, "nobody records an own training" in own.stderr) == (1, True)
    assert verb(tmp_path, *asked, "--by", "risk").exit_code == 1
    assert verb(tmp_path, *asked, "--by", "compliance2").exit_code == 0
    staff = json.loads(verb(tmp_path, "training", "list", "--json").stdout)["staff"]
    (told,) = [one for one in staff if one["login"] == "compliance"]
    assert told["courses"][0] == {
        "course": "PERSONAL_INFORMATION",
        "standing": "EXPIRED",
        "expiresOn": "2021-02-28",
        "daysLeft": 0,
    }
    assert verb(tmp_path, "privacy", "sweep").stdout.strip() == "nothing is past its time"
