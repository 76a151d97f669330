"""`clearline policy`, as an operator meets it: processes, exit codes, JSON on standard output."""

import json
from pathlib import Path

from models.shipped.policies import FOLDER
from tests.story.test_command_line import clearline

SOUND = FOLDER / "salaried-2026.11.json"


def test_a_document_is_checked_without_a_database(tmp_path: Path) -> None:
    done = clearline(tmp_path / "home", "policy", "check", str(SOUND), "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["schema"], told["ok"]) == (0, "clearline-policy-check/1", True)
    assert (told["version"], told["problems"]) == ("salaried-2026.11", [])
    assert not (tmp_path / "home").exists()
    wrong = tmp_path / "wrong.json"
    wrong.write_text(SOUND.read_text(encoding="utf-8").replace('"from": 740', '"from": 750'), encoding="utf-8")
    done = clearline(tmp_path, "policy", "check", str(wrong), "--json")
    (problem,) = json.loads(done.stdout)["problems"]
    assert (done.returncode, problem["code"], problem["case"]) == (1, "GAP", {"score": 740, "results": []})
    done = clearline(tmp_path, "policy", "check", str(wrong))
    assert (done.returncode, "GAP" in done.stdout, "score 740" in done.stdout) == (1, True, True)
    wrong.write_bytes(b"\xff\xfe")
    done = clearline(tmp_path, "policy", "check", str(wrong), "--json")
    assert (done.returncode, json.loads(done.stdout)["problems"][0]["code"]) == (1, "NOT_JSON")
    assert clearline(tmp_path, "policy", "check", str(tmp_path / "nowhere.json")).returncode == 2


def test_the_policies_of_the_book_are_listed_and_shown(tmp_path: Path) -> None:
    done = clearline(tmp_path, "migrate")
    assert "policy salaried-2026.11" in done.stdout.splitlines()
    assert clearline(tmp_path, "migrate").stdout.splitlines() == ["nothing to do"]
    listed = json.loads(clearline(tmp_path, "policy", "list", "--json").stdout)
    assert [row["state"] for row in listed["policies"]] == ["PUBLISHED", "PUBLISHED"]
    assert "small-business-2026.11" in clearline(tmp_path, "policy", "list", "--segment", "SMALL_BUSINESS").stdout
    shown = json.loads(clearline(tmp_path, "policy", "show", "salaried-2026.11").stdout)
    copy = tmp_path / "copy.json"
    copy.write_text(json.dumps(shown["document"]), encoding="utf-8")
    again = json.loads(clearline(tmp_path, "policy", "check", str(copy), "--json").stdout)
    assert again["sha256"] == shown["sha256"]
    gone = clearline(tmp_path, "policy", "show", "nobody-1")
    assert (gone.returncode, "clearline policy list" in gone.stderr) == (1, True)
