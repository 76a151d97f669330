"""`clearline verify`, as the holder of a receipt meets it."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli.proof.receipt import Verdict, as_text
from app.cli.verbs import cli
from app.domain.proof.bundle import Chain
from tests.domain.proof.a_log import POLICY, SMALL
from tests.domain.proof.chain_cases import MINE, of, receipt_of
from tests.needs import ROOT


@pytest.fixture
def receipt(tmp_path: Path) -> Path:
    path = tmp_path / "receipt.json"
    path.write_bytes(bytes(SMALL.receipt()))
    return path


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    path = tmp_path / "policy.txt"
    path.write_bytes(POLICY)
    return path


def run(*words: object, home: Path | None = None) -> Result:
    return CliRunner().invoke(cli, ["verify", *map(str, words)], env={"CLEARLINE_HOME": str(home)} if home else {})


def test_a_good_receipt_is_told_in_words(receipt: Path, keys: Path) -> None:
    done = run(receipt, "--keys", keys)
    assert done.exit_code == 0
    assert done.output.startswith("This receipt holds.\n")
    assert "clearline.example/inquiries-test, entry 7 of 11" in done.output
    assert "seen by  north, 2025-12-31T00:00:00Z" in done.output
    assert '"FIRST_APPLICATION"' in done.output


def test_the_verdict_for_machines(receipt: Path, keys: Path) -> None:
    done = run(receipt, "--keys", keys, "--json")
    told = json.loads(done.output)
    assert (told["schema"], told["holds"], told["index"], told["size"]) == ("clearline-verdict/1", True, 7, 11)
    assert told["witnessed"] == {"north": "2025-12-31T00:00:00Z", "south": "2025-12-31T00:00:00Z"}
    assert told["class"] == told["record"]["class"] == "INQUIRY_INTENT"


def test_a_changed_receipt_fails_and_says_nothing_of_what_it_claims(receipt: Path, keys: Path) -> None:
    receipt.write_bytes(receipt.read_bytes().replace(b"FIRST_APPLICATION", b"LIMIT_INCREASE---"))
    done = run(receipt, "--keys", keys)
    assert done.exit_code == 1
    assert "proves nothing: the inclusion proof leads to another root" in done.output
    assert "LIMIT" not in done.output
    assert json.loads(run(receipt, "--keys", keys, "--json").output)["fault"] == "PROOF_WRONG"


def test_without_keys_nothing_is_believed_and_the_next_step_is_told(receipt: Path, tmp_path: Path) -> None:
    done = run(receipt, home=tmp_path / "home")
    assert done.exit_code == 3
    assert "--keys" in done.output


def test_the_keys_of_this_home_are_taken_where_none_are_given(receipt: Path, keys: Path, tmp_path: Path) -> None:
    (tmp_path / "log-policy.txt").write_bytes(POLICY)
    assert run(receipt, home=tmp_path).exit_code == 0


def test_one_of_several_policies_is_enough(receipt: Path, keys: Path, tmp_path: Path) -> None:
    older = tmp_path / "older.txt"
    older.write_bytes(b"quorum none\n")
    assert run(receipt, "--keys", older, "--keys", keys).exit_code == 0
    assert run(receipt, "--keys", older).exit_code == 1


def test_a_file_of_any_size_is_answered(receipt: Path, keys: Path) -> None:
    with receipt.open("wb") as file:
        file.truncate(2**33)  # sparse
    assert run(receipt, "--keys", keys).exit_code == 1
    assert run(receipt.with_name("none.json"), "--keys", keys).exit_code == 2


def test_several_receipts_show_that_the_third_is_missing(keys: Path, tmp_path: Path) -> None:
    files = [tmp_path / f"r{number}.json" for number in (1, 2, 4)]
    for number, path in zip((1, 2, 4), files, strict=True):
        path.write_bytes(of(number))
    done = run(*files, "--keys", keys)
    assert done.exit_code == 1
    assert (
        f"3 is missing: the record of number 4, which stands in the log, names the commitment of number 3, {MINE[4].committed}"
        in done.output
    )
    told = json.loads(run(*files, "--keys", keys, "--json").output)
    assert (told["holds"], told["numbers"], len(told["receipts"])) == (True, [1, 2, 4], 6)
    assert told["missing"] == [{"first": 3, "last": 3, "namedBy": 4, "commitment": MINE[4].committed}]
    assert run(*files[:2], "--keys", keys).exit_code == 0
    assert "None is missing" in run(*files[:2], "--keys", keys).output


def test_a_strangers_receipt_among_them_is_refused(keys: Path, tmp_path: Path) -> None:
    mine, theirs = tmp_path / "mine.json", tmp_path / "theirs.json"
    mine.write_bytes(of(1))
    theirs.write_bytes(of(4, theirs=True))
    done = run(mine, theirs, "--keys", keys)
    assert (done.exit_code, "do not belong together" in done.output) == (1, True)
    assert json.loads(run(mine, theirs, "--keys", keys, "--json").output)["fault"] == "FOREIGN"


def test_a_bad_file_among_good_ones_is_named(keys: Path, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_bytes(of(1))
    bad.write_bytes(of(2)[:-1])
    told = json.loads(run(good, bad, "--keys", keys, "--json").output)
    assert (told["holds"], told["fault"], told["file"]) == (False, "MALFORMED", "bad.json")


def test_the_example_of_the_documents_holds() -> None:
    example = ROOT / "docs" / "formats" / "example-receipt"
    assert run(example / "receipt.json", "--keys", example / "policy.txt").exit_code == 0
    assert (example / "receipt.json").read_bytes() == bytes(SMALL.receipt())
    assert run(example / "inquiry.json", "--keys", example / "policy.txt").exit_code == 0
    assert (example / "inquiry.json").read_bytes() == of(1)


def test_one_inquiry_is_told_as_one_and_several_as_several() -> None:
    told = [as_text(Verdict(chain=Chain(numbers, ()))).splitlines()[0] for numbers in ((1,), (1, 2))]
    assert told == ["This is inquiry number 1.", "These are the inquiries 1, 2."]


def test_one_receipt_holds_and_tells_of_the_one_before_it(keys: Path, tmp_path: Path) -> None:
    path = tmp_path / "second.json"
    path.write_bytes(of(2))
    done = run(path, "--keys", keys)
    assert done.exit_code == 0
    assert "This is inquiry number 2.\n" in done.output
    before = (
        f"names the one before it, number 1 (commitment {MINE[0].committed}), whose receipt is not among these files"
    )
    assert before in done.output
    told = json.loads(run(path, "--keys", keys, "--json").output)
    assert (told["holds"], told["numbers"], told["missing"]) == (True, [2], [])
    assert told["before"] == {"first": 1, "last": 1, "namedBy": 2, "commitment": MINE[0].committed}


def test_an_intent_without_outcome_and_an_outcome_without_intent_are_told(keys: Path, tmp_path: Path) -> None:
    intent, outcome = tmp_path / "intent.json", tmp_path / "outcome.json"
    intent.write_bytes(bytes(receipt_of(0)))
    outcome.write_bytes(bytes(receipt_of(1)))
    done = run(intent, "--keys", keys)
    assert (done.exit_code, "No outcome of inquiry 1 stands in these files" in done.output) == (0, True)
    assert json.loads(run(intent, "--keys", keys, "--json").output)["withoutOutcome"] == [1]
    done = run(outcome, "--keys", keys)
    assert (done.exit_code, "The outcome at entry 1 stands here without its intent" in done.output) == (0, True)
    assert json.loads(run(outcome, "--keys", keys, "--json").output)["withoutIntent"] == [1]
    assert "outcome" not in run(intent, outcome, "--keys", keys).output.splitlines()[-1]


def test_a_receipt_under_other_keys_is_not_judged_and_the_way_to_them_is_told(receipt: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_bytes(POLICY.replace(b"seen 2", b"seen 3"))
    done = run(receipt, "--keys", other)
    assert done.exit_code == 1
    assert "This receipt cannot be judged: the receipt names a policy that is not among those given" in done.output
    assert "proves nothing" not in done.output
    assert all(word in done.output for word in ("--keys FILE", "/log/policy.txt", "/log/policies"))
    told = json.loads(run(receipt, "--keys", other, "--json").output)
    assert (told["fault"], "/log/policies" in told["advice"]) == ("POLICY_UNKNOWN", True)


@pytest.mark.parametrize(
    "saved", [lambda data: data + b"\n", lambda data: json.dumps(json.loads(data), indent=1).encode()]
)
def test_a_file_that_was_opened_and_saved_is_refused_with_what_to_do(
    saved: Callable[[bytes], bytes], receipt: Path, keys: Path
) -> None:
    receipt.write_bytes(saved(receipt.read_bytes()))
    done = run(receipt, "--keys", keys)
    assert done.exit_code == 1
    assert "the JSON is not canonical" in done.output
    assert "Fetch the file again, and do not open and save it" in done.output


def test_checking_a_receipt_and_reading_the_help_load_nothing_of_the_lenders_own_house(
    receipt: Path, keys: Path
) -> None:
    """Whoever checks us needs the public keys: no tables, no contract, no model, no settings; and no time for them."""
    program = (
        "import sys; from app.cli.verbs import cli; cli(['--help'], standalone_mode=False); "
        "cli(['verify', *sys.argv[1:]], standalone_mode=False); print(*sorted(sys.modules))"
    )
    words = [sys.executable, "-c", program, str(receipt), "--keys", str(keys)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    assert "app.cli.proof.receipt" in loaded
    house = {"app.main", "app.settings", "app.api", "app.flows", "models", "ml"}
    libraries = {"tortoise", "strawberry", "starlette", "catboost", "numpy", "redis", "httpx2", "pydantic_settings"}
    assert loaded & (house | libraries) == set()
