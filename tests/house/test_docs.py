"""What the documents say is what the code does."""

import json
import re

import pytest

from app.cli.papers import register
from app.cli.papers.contract import FOLDER
from app.flows.sandbox.wording_texts import TEXTS
from app.settings import Settings
from tests.needs import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
WALK = sorted((ROOT / "docs" / "walk").glob("0*.json"))
FORMATS = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs" / "formats").glob("*.md"))


def test_every_setting_stands_in_the_readme() -> None:
    missing = [name for name in Settings.model_fields if f"`CLEARLINE_{name.upper()}`" not in README]
    assert missing == []


def test_the_readme_names_no_setting_that_is_none() -> None:
    named = set(re.findall(r"`CLEARLINE_([A-Z_]+)`", README))
    assert named - {name.upper() for name in Settings.model_fields} <= {"STRICT", "DB_PASSWORD", "TEST_POSTGRES"}


def defaults() -> dict[str, str]:
    """How a page writes the default of each setting that has one of its own."""
    own = {name: field.default for name, field in Settings.model_fields.items() if field.default not in {None, ""}}
    told = {name: str(value).removeprefix(f"{ROOT}/") for name, value in own.items()}
    return {
        f"CLEARLINE_{name.upper()}": text.lower() if own[name] is False else text.removesuffix(".0")
        for name, text in told.items()
    }


def test_a_default_that_a_page_names_is_that_of_the_setting() -> None:
    pages = [README, FORMATS, *((ROOT / "docs" / name).read_text(encoding="utf-8") for name in SHOWN_BY_TESTS)]
    named = re.findall(r"`(CLEARLINE_[A-Z_]+)`, `([^`]+)` unless it is set", "\n".join(pages))
    assert ("CLEARLINE_INSTITUTION", "CLEARLINE") in named
    for names, cell in re.findall(r"^\| (`CLEARLINE_[^|]+) \| [^|]+ \| ([^|]+) \|", README, re.MULTILINE):
        named += zip(re.findall(r"`(\w+)`", names), cell.replace("`", "").split(", "), strict=True)
    real = defaults()
    assert {(name, text) for name, text in named if name in real and text != real[name]} == set()
    assert set(re.findall(r'"institution": "([^"]+)"', FORMATS)) == {real["CLEARLINE_INSTITUTION"]}


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.name)
def test_a_decision_has_its_four_parts(path: object) -> None:
    text = str(path.read_text(encoding="utf-8")).lower()  # type: ignore[attr-defined]
    assert all(part in text for part in ("context", "decision", "consequences", "enforced by"))


@pytest.mark.parametrize("path", WALK, ids=lambda path: path.name)
def test_a_request_of_the_walk_is_an_operation_of_the_contract(path: object) -> None:
    request = json.loads(path.read_text(encoding="utf-8"))  # type: ignore[attr-defined]
    operation = FOLDER / "operations" / f"{request['operationName']}.graphql"
    assert request["query"] == operation.read_text(encoding="utf-8")


def test_the_walk_agrees_to_the_text_in_force() -> None:
    import hashlib

    digests = {hashlib.sha256(text.encode()).hexdigest() for text in TEXTS.values()}
    sent = [json.loads(path.read_text(encoding="utf-8"))["variables"] for path in WALK]
    agreed = [asked["input"]["evidence"]["wordingSha256"] for asked in sent if "evidence" in asked.get("input", {})]
    assert agreed
    assert set(agreed) <= digests


def test_every_schema_id_that_we_print_has_its_page() -> None:
    printed = set()
    for folder in ("app", "ml", "sims", "witness", "graphql"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in {".py", ".json"}:
                found = re.findall(r'"schema": "(clearline-[a-z-]+/\d+)"', path.read_text(encoding="utf-8"))
                printed |= set(found)
    assert printed
    assert {schema for schema in printed if schema not in FORMATS} <= {"clearline-keys/1"}


def test_every_image_of_the_readme_is_there() -> None:
    for name in re.findall(r"\((docs/images/[^)]+)\)", README):
        assert (ROOT / name).exists()


def test_the_privacy_register_is_fresh() -> None:
    assert register.PAGE.read_text(encoding="utf-8") == register.page()


SHOWN_BY_TESTS = ("threat-model.md", "runbook.md", "kills.md", "walks.md")


def test_every_test_that_a_page_names_is_there() -> None:
    pages = [(ROOT / "docs" / name).read_text(encoding="utf-8") for name in SHOWN_BY_TESTS]
    named = {found for page in pages for found in re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", page)}
    assert sum(bool(test) for _, test in named) > 50
    for path, test in sorted(named):
        source = (ROOT / path).read_text(encoding="utf-8")
        assert not test or f"def {test}(" in source, f"{path}::{test}"


def test_every_event_of_a_log_line_stands_in_its_page() -> None:
    page = (ROOT / "docs" / "formats" / "log.md").read_text(encoding="utf-8")
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "app").rglob("*.py"))
    events = set(re.findall(r'\b_?log\.(?:info|warning|error)\(\s*"([^"]+)"', sources))
    assert len(events) > 5
    assert [event for event in sorted(events) if f"`{event}`" not in page] == []
