"""What a customer must be told before agreeing to one more inquiry: those that may already show, and brought nothing.

No second try behind the customer's back: a bureau shows each inquiry to whoever asks it later, whatever came of it.
"""

from dataclasses import dataclass
from datetime import timedelta

from app.domain.consent.inquiry import COUNTED, InquiryState

RECORD_SHOWS = timedelta(days=731)
"""For how long a report shows an inquiry: two years, a leap day among them."""
STATED_MAX = 20
"""The newest so many are stated; each has a number, so that whoever is told of 21 to 40 knows that there were others."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """One inquiry of before. `came_to_nothing`: its request has ended, and nobody decided on it.

    `found_at_bureau`: the bureau's own list of our inquiries has shown a record of it.
    """

    state: InquiryState
    came_to_nothing: bool
    found_at_bureau: bool


def must_be_stated(earlier: Earlier) -> bool:
    """Whether an inquiry may show at the bureau though it brought its customer no decision.

    One that was sent without an answer may, whatever became of its request. One that was answered does; it is stated
    where the answer served for nothing. The bureau's word that it recorded none is believed, as everywhere, until its own
    list shows one.
    """
    if earlier.state is InquiryState.ANSWERED:
        return earlier.came_to_nothing
    return earlier.state in COUNTED or earlier.found_at_bureau
