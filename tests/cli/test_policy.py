"""`clearline policy`, as an operator meets it: exit codes, JSON on standard output."""

import json
from pathlib import Path

from models.shipped.policies import FOLDER
from tests.cli.inside import verb

SOUND = FOLDER / "salaried-2026.11.json"


def check(file: Path, *more: str) -> tuple[int, str]:
    done = verb(file.parent, "policy", "check", file, *more)
    return done.exit_code, done.stdout


def test_a_document_is_checked_without_a_database(tmp_path: Path) -> None:
    code, said = check(SOUND, "--json")
    told = json.loads(said)
    assert (code, told["schema"], told["ok"]) == (0, "clearline-policy-check/1", True)
    assert (told["version"], told["problems"]) == ("salaried-2026.11", [])
    wrong = tmp_path / "wrong.json"
    wrong.write_text(SOUND.read_text(encoding="utf-8").replace('"from": 740', '"from": 750'), encoding="utf-8")
    code, said = check(wrong, "--json")
    (problem,) = json.loads(said)["problems"]
    assert (code, problem["code"], problem["case"]) == (1, "GAP", {"score": 740, "results": []})
    code, said = check(wrong)
    assert (code, "GAP" in said, "score 740" in said) == (1, True, True)
    wrong.write_bytes(b"\xff\xfe")
    code, said = check(wrong, "--json")
    assert (code, json.loads(said)["problems"][0]["code"]) == (1, "NOT_JSON")
    assert check(tmp_path / "nowhere.json")[0] == 2


def test_the_policies_of_the_book_are_listed_and_shown(tmp_path: Path) -> None:
    assert "policy salaried-2026.11" in verb(tmp_path, "migrate").stdout.splitlines()
    listed = json.loads(verb(tmp_path, "policy", "list", "--json").stdout)
    assert [row["state"] for row in listed["policies"]] == ["PUBLISHED", "PUBLISHED"]
    shown = json.loads(verb(tmp_path, "policy", "show", "salaried-2026.11").stdout)
    copy = tmp_path / "copy.json"
    copy.write_text(json.dumps(shown["document"]), encoding="utf-8")
    assert json.loads(check(copy, "--json")[1])["sha256"] == shown["sha256"]
