"""The playground as a visitor meets it: a real browser, a real server, and not one word to any other host."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, Request, Response, expect

from app.api.sandbox.playground import EXTRAS
from app.cli.start.story import STORY
from app.settings import Settings
from tests.needs import ROOT, missing
from tests.services.ready import await_ready

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

WAIT_MS_MAX = 20_000
VIEW = {"width": 1280, "height": 800}
LOCAL = {"127.0.0.1"}
PICTURE = ROOT / "test-results" / "playground.png"  # for whoever wants to look


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running demo."""
    if not (Settings().playground / "index.html").exists():
        missing("the built playground (make playground)")
    port = free_port()
    home = tmp_path_factory.mktemp("home")
    env = {**os.environ, "PYTHONPATH": str(ROOT), "CLEARLINE_HOME": str(home), "PORT": str(port)}
    with (
        (home / "demo.log").open("w") as log,
        subprocess.Popen(
            [sys.executable, "-m", "app", "demo"], cwd=ROOT, env=env, stdout=log, stderr=subprocess.STDOUT
        ) as child,
    ):
        try:
            url = f"http://127.0.0.1:{port}"
            await_ready(url, child, home / "demo.log")
            yield url
        finally:
            child.send_signal(signal.SIGTERM)


@dataclass
class Visit:
    """One visitor with a fresh browser profile, and everything their page asked or complained of."""

    page: Page
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @classmethod
    async def begin(cls, browser: Browser, url: str) -> Self:
        page = await (await browser.new_context(viewport=VIEW)).new_page()  # type: ignore[arg-type]
        page.set_default_timeout(WAIT_MS_MAX)
        visit = cls(page)
        page.on("request", visit._on_request)
        page.on("websocket", lambda opened: visit.asked.append(opened.url))
        page.on("console", visit._on_console)
        page.on("pageerror", lambda error: visit.complaints.append(str(error)))
        await page.goto(f"{url}/playground/")
        await page.locator(".graphiql-query-editor .view-line").first.wait_for()
        return visit

    def _on_request(self, request: Request) -> None:
        self.asked.append(request.url)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    @property
    def hosts(self) -> set[str | None]:
        return {urlsplit(url).hostname for url in self.asked if not url.startswith(("data:", "blob:"))}

    async def open(self, number: int) -> None:
        await self.page.locator(".story li button").nth(number - 1).click()

    async def send(self, number: int, operation: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Open a step's tab and press play: the variables sent and the (last) data answered."""
        await self.open(number)
        answers: list[Response] = []

        def note(response: Response) -> None:
            body = response.request.post_data_json if response.request.method == "POST" else None
            if body and body.get("operationName") == operation:
                answers.append(response)

        self.page.on("response", note)
        async with self.page.expect_response(lambda response: response in answers):
            await self.page.locator(".graphiql-execute-button").click()
        await self.page.locator(".graphiql-response .view-line").first.wait_for()
        self.page.remove_listener("response", note)
        sent: dict[str, Any] = answers[-1].request.post_data_json or {}
        return sent.get("variables", {}), (await answers[-1].json())["data"]

    async def told(self, number: int) -> None:
        """Wait until the step is marked as gone the way the story tells."""
        await expect(self.page.locator(".story li").nth(number - 1).locator("b.told")).to_be_visible(
            timeout=WAIT_MS_MAX
        )

    async def inquiries(self, count: int) -> None:
        await expect(self.page.locator("#count b")).to_have_text(str(count), timeout=WAIT_MS_MAX)

    async def play(self, login: str) -> None:
        await self.page.locator("#person").select_option(login)
        await self.inquiries(0)


@pytest.fixture
async def visit(browser: Browser, demo: str) -> AsyncIterator[Visit]:
    begun = await Visit.begin(browser, demo)
    yield begun
    await begun.page.context.close()


async def test_the_story_is_played_from_tab_to_tab_and_the_inquiry_is_counted(visit: Visit) -> None:
    assert await visit.page.title() == "Clearline playground"
    _, made = await visit.send(1, "NewCustomer")
    await visit.inquiries(0)
    for number, operation in ((2, "Me"), (3, "LimitEstimate"), (4, "Apply")):
        await visit.send(number, operation)
        await visit.told(number)
    _, read = await visit.send(5, "ReadConsent")
    await expect(visit.page.locator("#note")).to_contain_text("wordingSha256, language → tab 6")
    granted, _ = await visit.send(6, "GrantConsent")
    assert granted["input"]["evidence"]["wordingSha256"] == read["consentWording"]["sha256"]
    applied, application = await visit.send(7, "Apply")
    assert applied["input"]["applicant"]["idNumber"] == made["sandboxNewCustomer"]["idNumber"]
    asked, _ = await visit.send(8, "MyApplication")
    assert asked["id"] == application["submitApplication"]["application"]["id"]
    await visit.told(8)
    await visit.inquiries(1)

    await visit.page.screenshot(path=PICTURE)
    assert visit.hosts == LOCAL
    assert visit.complaints == []
    assert await visit.page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]


async def test_sending_again_is_a_replay_until_fresh_keys_are_asked_for(visit: Visit) -> None:
    await visit.play("aili")
    await visit.send(5, "ReadConsent")
    first, granted = await visit.send(6, "GrantConsent")
    again, same = await visit.send(6, "GrantConsent")
    assert again == first
    assert same == granted
    await visit.page.locator("#fresh-keys").click()
    renewed, _ = await visit.send(6, "GrantConsent")
    assert renewed["input"]["idempotencyKey"] != first["input"]["idempotencyKey"]
    assert renewed["input"]["purpose"] == "FIRST_APPLICATION"


async def test_a_tab_whose_ids_have_not_come_says_which_tab_to_send_first(visit: Visit) -> None:
    await visit.play("sunyang")
    await visit.open(8)
    before = [url for url in visit.asked if url.endswith("/graphql")]
    await visit.page.locator(".graphiql-execute-button").click()
    await expect(visit.page.locator(".graphiql-response")).to_contain_text(
        "applicationId", timeout=WAIT_MS_MAX, use_inner_text=True
    )
    await expect(visit.page.locator(".graphiql-response")).to_contain_text("tab 7")
    assert [url for url in visit.asked if url.endswith("/graphql")] == before


def after_the_story(operation: str) -> int:
    """The tab of an extra: they follow the story's steps."""
    extras = [extra["operation"] for extra in EXTRAS]
    return len(json.loads(STORY.read_text(encoding="utf-8"))["steps"]) + extras.index(operation) + 1


async def test_an_officer_decides_what_the_customer_watches(visit: Visit) -> None:
    await visit.play("zhaomin")
    for number, operation in ((5, "ReadConsent"), (6, "GrantConsent"), (7, "Apply")):
        await visit.send(number, operation)
    await visit.inquiries(1)
    await visit.open(after_the_story("WatchApplication"))
    await visit.page.locator(".graphiql-execute-button").click()
    await expect(visit.page.locator(".graphiql-response")).to_contain_text("applicationUpdated")
    assert any(url.startswith("ws://") for url in visit.asked)

    _, waiting = await visit.send(after_the_story("OfficerReferrals"), "OfficerReferrals")
    resolved, decided = await visit.send(after_the_story("ResolveReferral"), "ResolveReferral")
    assert resolved["input"]["caseId"] == waiting["oversight"]["referrals"]["nodes"][0]["id"]
    assert decided["resolveReferral"]["decision"]["byPerson"] is True
    await visit.inquiries(1)
    assert visit.hosts == LOCAL
    assert visit.complaints == []


async def test_the_bar_invents_people_moves_the_clock_and_changes_the_language(visit: Visit) -> None:
    page = visit.page
    await page.locator("#new-customer").select_option("DECLINED")
    await expect(page.locator("#note")).to_contain_text("declined, with reasons")
    await visit.inquiries(0)
    before = await page.locator("#business-date").inner_text()
    await page.get_by_role("button", name="+1 day").click()
    await expect(page.locator("#business-date")).not_to_have_text(before, timeout=WAIT_MS_MAX)

    _, english = await visit.send(5, "ReadConsent")
    await page.get_by_role("button", name="中文").click()
    _, chinese = await visit.send(5, "ReadConsent")
    languages = (english["consentWording"]["language"], chinese["consentWording"]["language"])
    assert languages == ("en", "zh-CN")
