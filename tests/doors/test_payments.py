"""The line to the payment service: whatever is answered, or half answered, says nothing unless it is an answer."""

import asyncio
import json
import time
from uuid import uuid4

import pytest

from app.doors.payments import Payments, PayoutAnswer, PayoutState
from tests.services.wire import Write, raw_neighbour

PATIENCE = 0.4
GOOD = {"status": "PAID", "failureCode": None, "attempt": 1}
SILENT = PayoutAnswer(PayoutState.UNREACHABLE)


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (200, json.dumps(GOOD), PayoutAnswer(PayoutState.PAID, None, 1)),
        (
            200,
            json.dumps({**GOOD, "status": "FAILED", "failureCode": ["x" * 99]}),
            PayoutAnswer(PayoutState.FAILED, "UNSAID", 1),
        ),
        (404, '{"code":"UNKNOWN_REFERENCE"}', PayoutAnswer(PayoutState.NOT_PLACED)),
        (404, "{}", SILENT),
        (200, '{"status":"NOT_PLACED"}', SILENT),
        (200, '{"status":[]}', SILENT),
        (200, "[" * 60_000, SILENT),
        (200, json.dumps({**GOOD, "more": "x" * 70_000}), SILENT),
    ],
)
async def test_only_an_answer_in_the_format_of_the_service_says_anything(
    status: int, body: str, said: PayoutAnswer
) -> None:
    head = f"HTTP/1.1 {status} X\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
    assert await _asked((head + body).encode(), pause=0) == said


async def test_who_sends_a_byte_now_and_then_keeps_nobody_waiting() -> None:
    async with asyncio.timeout(10 * PATIENCE):
        assert (
            await _asked(b"HTTP/1.1 200 X\r\ncontent-length: 900\r\n\r\n" + b" " * 900, pause=PATIENCE / 10) == SILENT
        )


async def _asked(answer: bytes, *, pause: float) -> PayoutAnswer:
    """What is made of these bytes; with a pause they come one by one."""

    def say(write: Write) -> None:
        for part in (bytes([byte]) for byte in answer) if pause else (answer,):
            write(part)
            time.sleep(pause)

    with raw_neighbour(say) as url:
        payments = Payments(url, PATIENCE if pause else 5.0)
        try:
            return await payments.debit_status(uuid4())
        finally:
            await payments.close()
