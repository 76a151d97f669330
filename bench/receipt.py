"""`python -m bench.receipt`: what it takes to check one receipt, in Python and in a headless browser, both offline."""

import asyncio
import sys
import time
from http.server import ThreadingHTTPServer
from pathlib import Path

from playwright.async_api import async_playwright

from app.domain.proof import receipt as receipts
from app.doors.signing import verify
from tests.browser.conftest import BROWSERS, FLAGS
from tests.browser.test_receipt_check import GOOD, Shelf, sent
from tests.domain.proof.a_log import POLICY
from tests.services.threaded import threaded

TIMES = 500
MEANS = 5
IN_PAGE = "async (one) => (await (await import('/tests/browser/receipt/receipts.mjs')).told(one)).milliseconds"


def in_python() -> list[float]:
    """Milliseconds of each check."""
    taken = []
    for _ in range(TIMES):
        began = time.perf_counter()
        receipts.verify(GOOD, [POLICY], verify)
        taken.append((time.perf_counter() - began) * 1000)
    return sorted(taken)


async def in_browser(executable: str) -> list[float]:
    """The same in a page that may fetch nothing but the verifier: each figure is a mean of 200 checks."""
    with threaded(ThreadingHTTPServer, Shelf) as url:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=executable, args=FLAGS)
            page = await browser.new_page()
            await page.goto(f"{url}/")
            taken = [float(await page.evaluate(IN_PAGE, sent(GOOD))) for _ in range(MEANS)]
            await browser.close()
    return sorted(taken)


if __name__ == "__main__":
    taken = in_python()
    sys.stdout.write(
        f"Python: a receipt checked in p50 {taken[TIMES // 2]:.2f}, p99 {taken[TIMES * 99 // 100]:.2f} ms\n"
    )
    found = next((path for path in BROWSERS if Path(path).exists()), None)
    if found is None:
        sys.exit("no headless Chromium here: install one to measure the browser")
    means = asyncio.run(in_browser(found))
    sys.stdout.write(f"Chromium: a receipt checked in {means[MEANS // 2]:.2f} ms, worst mean {means[-1]:.2f} ms\n")
