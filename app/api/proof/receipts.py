"""Where a customer fetches the file that proves an inquiry."""

from http import HTTPStatus

from starlette.responses import Response

from app.api import words
from app.api.papers.fetching import HEADERS, Asked, Kind, refused, saved_as
from app.api.reading.credit import receipt_file
from app.domain.proof.standing import ReceiptState
from app.domain.proof.strict import Unproven
from app.doors.keys import WrongKey
from app.flows.ledger.receipts import ReceiptNotReady
from app.flows.ledger.tree import TreeDamaged
from app.flows.unit import Desk

RECEIPTS_PATH = "/receipts/{name}"
RECEIPTS = Kind("Inquiry", frozenset({"json"}), "no such inquiry of yours: viewer.inquiries lists them")


async def receipt(desk: Desk, asked: Asked) -> Response:
    """The file, or why there is nothing to prove now."""
    try:
        data = await receipt_file(desk, asked.owner, asked.key)
    except ReceiptNotReady as not_ready:
        gone = not_ready.state is ReceiptState.ERASED
        status = HTTPStatus.GONE if gone else HTTPStatus.CONFLICT
        return refused(status, not_ready.state.value, words.say(asked.language, "receipt", not_ready.state.value))
    except (TreeDamaged, Unproven, WrongKey):
        told = "this record does not fit the log any more: keep the files that you have, and tell us"
        return refused(HTTPStatus.INTERNAL_SERVER_ERROR, "RECORD_DAMAGED", told)
    headers = {**HEADERS, **saved_as(f"receipt-{asked.key}.json")}
    return Response(data, media_type="application/json", headers=headers)
