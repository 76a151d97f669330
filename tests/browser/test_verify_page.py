"""The page on which a person checks receipts: real Chromium, the page as it is served, and not a byte that leaves."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import uvicorn
from playwright.async_api import Browser, Page, expect
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from app.api.proof.page import receipt_check
from tests.domain.proof.a_log import POLICY
from tests.domain.proof.chain_cases import of, receipt_of
from tests.needs import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PICTURE = ROOT / "test-results" / "verify.png"  # for whoever wants to look
START_SECONDS_MAX = 10.0
RECEIVED: list[str] = []  # what came in at the site, in order


@pytest.fixture(scope="module")
async def site() -> AsyncIterator[str]:
    """The page with the keys of the small log, its present ones and those of before."""

    async def trusted() -> list[bytes]:
        return [b"# the witnesses of today\n" + POLICY, POLICY]

    inner = Starlette(routes=receipt_check(trusted))

    async def counted(scope: Scope, receive: Receive, send: Send) -> None:
        RECEIVED.append(scope.get("path", ""))
        await inner(scope, receive, send)

    server = uvicorn.Server(
        uvicorn.Config(counted, lifespan="off", host="127.0.0.1", port=0, log_level="critical", access_log=False)
    )
    serving = asyncio.create_task(server._serve())  # without taking the signals of the test process
    async with asyncio.timeout(START_SECONDS_MAX):
        while not server.started:  # noqa: ASYNC110 - the server has no event for it
            await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await serving


@pytest.fixture
async def page(browser: Browser, site: str) -> AsyncIterator[Page]:
    """An English reader's page. Whatever it asks after it was loaded, or complains of, fails the test."""
    context = await browser.new_context(locale="en-GB")
    found = await context.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    found.on("console", lambda message: complaints.append(message.text))
    found.on("pageerror", lambda error: complaints.append(str(error)))
    await found.goto(f"{site}/verify")
    await found.wait_for_selector("html[data-ready=yes]")
    found.on("request", lambda request: asked.append(request.url))
    yield found
    assert (asked, complaints) == ([], [])
    await context.close()


async def choose(page: Page, *files: bytes) -> None:
    buffers = [
        {"name": f"r{at}.json", "mimeType": "application/json", "buffer": data} for at, data in enumerate(files, 1)
    ]
    await page.set_input_files("#files", buffers)  # type: ignore[arg-type]


async def test_a_good_receipt_holds_in_both_languages(page: Page) -> None:
    await choose(page, of(1))
    found = page.locator("#found")
    await expect(found).to_contain_text("This receipt holds")
    await expect(found).to_contain_text("Inquiry number 1")
    await expect(found).to_contain_text("the bureau answered")
    await expect(found).to_contain_text("Seen by north")
    await page.click("button[data-language=zh-CN]")
    await expect(found).to_contain_text("凭证有效")
    await expect(found).to_contain_text("征信机构已答复")
    await expect(page.locator("html")).to_have_attribute("lang", "zh-CN")


async def test_a_changed_bit_and_a_file_cut_short_are_refused(page: Page) -> None:
    good = of(1)
    at = good.index(b"ANSWERED")
    await choose(page, good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
    await expect(page.locator(".card.bad")).to_contain_text("PROOF_WRONG")
    await expect(page.locator("#found")).not_to_contain_text("holds")
    await choose(page, good[: len(good) // 2])
    await expect(page.locator(".card.bad")).to_contain_text("MALFORMED")


async def test_a_missing_number_is_shown_and_a_strangers_file_refused(page: Page) -> None:
    await choose(page, of(1), of(2), of(4))
    await expect(page.locator(".card.warn")).to_contain_text("Number 3 is missing")
    PICTURE.parent.mkdir(exist_ok=True)
    await page.screenshot(path=PICTURE, full_page=True)
    await choose(page, of(1), of(2), of(4, theirs=True))
    await expect(page.locator(".card.bad")).to_contain_text("do not belong together")
    await choose(page, of(1), of(2))
    await expect(page.locator("#found")).to_contain_text("No number is missing")


async def test_what_one_file_does_not_show_is_said(page: Page) -> None:
    await choose(page, of(2))
    found = page.locator("#found")
    await expect(found).to_contain_text("This is inquiry number 2")
    await expect(found).to_contain_text("names the one before it, number 1 (commitment ")
    await choose(page, bytes(receipt_of(0)))
    await expect(found).to_contain_text("No outcome of inquiry 1 stands in these files")
    await choose(page, bytes(receipt_of(1)))
    await expect(found).to_contain_text("The outcome at entry 1 stands here without its intent")


async def test_a_file_is_dropped_and_markup_in_it_stays_text(page: Page) -> None:
    drop = """([name, text]) => {
        const carried = new DataTransfer()
        carried.items.add(new File([text], name))
        document.dispatchEvent(new DragEvent('drop', { dataTransfer: carried, bubbles: true, cancelable: true }))
    }"""
    await page.evaluate(drop, ["<img src=x onerror=alert(1)>.json", of(1).decode()])
    await expect(page.locator(".card.good")).to_contain_text("<img src=x onerror=alert(1)>.json")


async def test_the_reader_may_bring_keys_of_their_own(page: Page) -> None:
    await page.click("#keys summary")
    await expect(page.locator("#policy")).to_contain_text("clearline.example/inquiries-test")
    await expect(page.locator("#policy")).to_contain_text("2 / 3")
    own = {"name": "keys.txt", "mimeType": "text/plain", "buffer": POLICY + b"# mine\n"}
    await page.set_input_files("#own", own)  # type: ignore[arg-type]
    await choose(page, of(1))
    await expect(page.locator(".card.warn")).to_contain_text("cannot be judged by these keys")
    await expect(page.locator(".card.warn")).to_contain_text("POLICY_UNKNOWN")
    await page.set_input_files("#own", [own, {**own, "buffer": POLICY}])  # type: ignore[arg-type]
    await choose(page, of(1))
    await expect(page.locator("#found")).to_contain_text("This receipt holds")
    await page.set_input_files("#own", {**own, "buffer": b"no keys"})  # type: ignore[arg-type]
    await expect(page.locator("#policy")).to_contain_text("That is no list of keys")


async def test_the_page_may_send_nothing_anywhere(browser: Browser, site: str) -> None:
    context = await browser.new_context()
    page = await context.new_page()
    answer = await page.goto(f"{site}/verify/")
    assert answer is not None
    assert "connect-src 'none'" in answer.headers["content-security-policy"]
    await page.wait_for_selector("html[data-ready=yes]")
    RECEIVED.clear()
    tried = "() => fetch('/sent', { method: 'POST', body: 'x' }).then(() => 'sent', () => 'refused')"
    assert await page.evaluate(tried) == "refused"
    await page.evaluate("navigator.sendBeacon('/sent', 'x')")
    await page.evaluate("new Image().src = '/sent'")
    await page.evaluate(
        "() => { const form = document.createElement('form'); document.body.append(form); form.submit() }"
    )
    assert await page.evaluate("fetch('/sent').then(() => 'sent', () => 'refused')") == "refused"
    assert RECEIVED == []
    await context.close()
