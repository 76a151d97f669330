"""A copy of all own data: nothing missing, nothing of another person, for its owner alone, in both forms."""

import html
import json
import re
from html.parser import HTMLParser

import pytest

from app.api.copies.telling import label, title
from app.api.scalars import encode_id
from app.flows.rights.copying import left_out, sections
from models.rights import DataCopy, DataRequest
from tests.api.copies import HAS_ROWS, assert_whole, fetched
from tests.api.life import belongings, id_of, officer, whole_life
from tests.api.rows import row_counts
from tests.world import Person, World

MARK, OTHER_MARK = "Quince", "Medlar"


@pytest.fixture(scope="module")
async def person(room: World) -> Person:
    return await whole_life(room, MARK)


@pytest.fixture(scope="module")
async def other(room: World) -> Person:
    return await whole_life(room, OTHER_MARK)


async def test_a_copy_holds_every_row_of_every_table_that_leads_to_its_owner(room: World, person: Person) -> None:
    before = await room.bureau_records(person)
    copy = json.loads(await assert_whole(room, person))
    filled = {section["name"] for section in copy["sections"] if section["rows"]}
    assert filled >= HAS_ROWS, HAS_ROWS - filled
    assert await room.bureau_records(person) == before == 2


async def test_a_copy_holds_nothing_of_another_person(room: World, person: Person, other: Person) -> None:
    theirs = await belongings(room, other)
    for form in ("json", "html"):
        text = await fetched(room, person, form)
        assert MARK in text
        for value in (OTHER_MARK, other.name, other.id_number, other.phone, other.token, await id_of(room, other)):
            assert value not in text
        shared = {"staff"}
        for table, rows in theirs.rows.items():
            if table not in shared and not all(key.isdigit() for key in rows):
                assert not [key for key in rows if key in text], table


async def test_sealed_words_are_opened_and_secrets_stay_out(room: World, person: Person) -> None:
    copy = json.loads(await fetched(room, person))
    told = {section["name"]: section["rows"] for section in copy["sections"]}
    (who,) = told["customer"]
    assert (who["name_sealed"], who["id_number_sealed"]) == (person.name, person.id_number)
    assert who["phone_sealed"] == "10987654321"
    assert "key_wrapped" not in who
    assert told["appeal"][0]["text_sealed"] == f"{MARK} did not do <this> & that"
    assert told["decision"][0]["inputs_sealed"]["own"]["requested_minor"] == 2_000_000
    (correction,) = [row for row in told["data_request"] if row["kind"] == "CORRECTION"]
    assert correction["before_sealed"] == person.phone
    assert re.fullmatch("[0-9a-f]{64}", told["log_outbox"][0]["salt_sealed"])
    assert told["log_outbox"][0]["record_sealed"]["class"] == "CONSENT_GIVEN"
    assert {row["purpose"] for row in told["consent_wording"]} >= {"FIRST_APPLICATION", "LIMIT_INCREASE"}
    assert not {"key_wrapped", "code_mac", "id_number_index", "staff_id", "settled_by"} & {
        name for rows in told.values() for row in rows for name in row
    }
    assert set(copy["leftOut"]["access_token"]) == {"sha256", "customer_id", "staff_id", "created_at"}


class Outline(HTMLParser):
    """The tags, links and words of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.ids: set[str] = set()
        self.targets: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        told = dict(attrs)
        assert not any(name.startswith("on") or name in {"src", "style"} for name in told)
        self.ids.add(told.get("id") or "")
        if tag == "a":
            self.targets.add(str(told["href"]))
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize(("language", "words"), [("en", "Who you are"), ("zh-CN", "您的身份信息")])
async def test_the_page_stands_for_itself_escaped_and_whole(
    room: World, person: Person, language: str, words: str
) -> None:
    text = await fetched(room, person, "html", language)
    page = Outline()
    page.feed(text)
    assert page.open == []
    assert not {"script", "link", "img", "iframe", "form", "object"} & page.tags
    assert {target.removeprefix("#") for target in page.targets} <= page.ids
    assert words in text
    assert f"{MARK} did not do &lt;this&gt; &amp; that" in text
    assert "<this>" not in text
    assert "¥3,000.00" in text
    assert text.rstrip().endswith("</html>")


async def test_words_are_copied_as_they_were_written(room: World) -> None:
    person = await room.with_line()
    braces, long = (
        '{"my": words, not JSON <b>',
        "我没有更换过设备，也没有把账户借给别人使用，请尽快解除冻结并说明具体原因，谢谢你们的帮助和理解。",
    )
    await room.act("FreezeMyLine", person, lineId=person.line_id, reason=braces)
    await room.act("AppealFreeze", person, lineId=person.line_id, text=braces)
    await room.act("RequestCorrection", person, field="BUREAU_RECORD", evidence=long)
    copy = json.loads(await fetched(room, person))
    told = {section["name"]: section["rows"] for section in copy["sections"]}
    assert told["appeal"][0]["text_sealed"] == braces
    assert told["data_request"][0]["asked_sealed"]["evidence"] == long
    page = await fetched(room, person, "html")
    assert page.rstrip().endswith("</html>")
    assert f"<dd>{html.escape(braces)}</dd>" in page
    assert f"<dd>{long}</dd>" in page


async def test_only_its_owner_fetches_a_copy_and_each_fetching_is_on_record(
    room: World, person: Person, other: Person
) -> None:
    asked = await room.act("RequestMyData", other)
    path = asked["request"]["copies"][0]["path"]
    before = await DataCopy.all().count()
    answers = {}
    for who, token in {
        "none": None,
        "nobody": "x",
        "stranger": person.token,
        "staff": officer("privacy").token,
    }.items():
        sent = {"authorization": f"Bearer {token}"} if token else {}
        answers[who] = (await room.http.get(path, headers=sent)).status_code
    assert answers == {"none": 401, "nobody": 401, "stranger": 404, "staff": 403}
    never = encode_id("DataRequest", (await DataRequest.first()).id)  # type: ignore[union-attr]
    owner = {"authorization": f"Bearer {other.token}"}
    for wrong in (f"/copies/{never}.json", path.replace(".json", ".xml"), "/copies/x.json", "/copies/.html"):
        assert (await room.http.get(wrong, headers=owner)).status_code == 404
    assert (await room.http.post(path, headers=owner)).status_code == 405
    assert (await room.http.head(path, headers=owner)).status_code == 405
    assert await DataCopy.all().count() == before
    answer = await room.http.get(path, headers=owner)
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert await DataCopy.all().count() == before + 1
    shown = (await room.ask("MyRequests", {}, other.token))["viewer"]["requests"]["nodes"][0]
    assert [one["format"] for one in shown["fetched"]] == ["json"]


async def test_the_fourth_copy_of_a_day_is_for_tomorrow_and_the_same_key_is_the_same_copy(room: World) -> None:
    person = await room.new()
    key = "7a6c2b1e-0f3d-4d43-9f0e-6a1f2b3c4d5e"
    first = await room.act("RequestMyData", person, idempotencyKey=key)
    assert await room.act("RequestMyData", person, idempotencyKey=key) == first
    for _ in range(2):
        assert (await room.act("RequestMyData", person))["__typename"] == "RequestMyDataPayload"
    before = await row_counts()
    assert (await room.act("RequestMyData", person))["__typename"] == "TooSoon"
    assert await row_counts() == before


def test_every_table_and_column_of_a_copy_has_its_words_in_both_languages() -> None:
    for table in sections():
        for language in ("en", "zh-CN"):
            assert title(language, table.name) != table.name, f"copy.{language}.json: tables.{table.name}"
        for column in table.columns:
            if column not in left_out().get(table.name, []) and column not in {"customer_id", "currency"}:
                told = label("zh-CN", column)
                assert not told.isascii(), f"copy.zh-CN.json: columns.{column}"


async def test_a_copy_tells_how_each_own_loan_stood_day_by_day(room: World, monkeypatch: pytest.MonkeyPatch) -> None:
    people = [await room.with_line(), await room.with_line()]
    for person in people:
        for amount in ("3000.00", "500.00"):
            await room.draw(person, amount, 3)
    await room.settle()
    await room.advance(3)
    monkeypatch.setattr("app.flows.rights.copying.PAGE_ROWS", 2)
    copy = json.loads(await fetched(room, people[0]))
    (rows,) = [section["rows"] for section in copy["sections"] if section["name"] == "loan_day"]
    days = [(row["loan_id"], row["day"]) for row in rows]
    assert len(set(days)) == len(days) == 2 * 3
    assert days == sorted(days)
    assert {row["outstanding_minor"] for row in rows} == {300_000, 50_000}
    assert "¥3,000.00" in await fetched(room, people[0], "html")
