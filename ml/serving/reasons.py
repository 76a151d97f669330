"""Reason codes: what the score says, in words the customer can be told and act on."""

from ml.serving.scorer import Scored

LIMIT = 4
# Below this, in log odds of bad, a contribution is too small to be called a reason.
LEAST_TOLD = 0.02
SCORE_LOW = "SCORE_LOW"

REASON_OF: dict[str, str] = {
    "has_payments": "INCOME_UNVERIFIED",
    "income_mean": "DEBT_BURDEN_HIGH",
    "income_instability": "INCOME_UNVERIFIED",
    "income_months": "INCOME_UNVERIFIED",
    "spending_to_income": "SPENDING_HIGH",
    "shortfalls_6m": "SPENDING_HIGH",
    "has_wealth": "FILE_THIN",
    "balance_mean": "SAVINGS_LOW",
    "balance_trend": "SAVINGS_LOW",
    "buffer_months": "SAVINGS_LOW",
    "has_life_services": "FILE_THIN",
    "late_bill_share": "BILLS_LATE",
    "months_observed": "FILE_THIN",
    "requested_amount": "DEBT_BURDEN_HIGH",
    "requested_to_income": "DEBT_BURDEN_HIGH",
    "term_months": "DEBT_BURDEN_HIGH",
    "small_business": SCORE_LOW,
    "vouches": SCORE_LOW,
    "has_file": "FILE_THIN",
    "no_record": "FILE_THIN",
    "worst_status_24": "DELINQUENCY_RECENT",
    "worst_status_60": "DELINQUENCY_RECENT",
    "overdue_months_24": "DELINQUENCY_RECENT",
    "overdue_now": "DELINQUENCY_RECENT",
    "queries_1": "INQUIRIES_MANY",
    "queries_6": "INQUIRIES_MANY",
    "queries_24": "INQUIRIES_MANY",
    "card_utilisation": "UTILISATION_HIGH",
    "due_to_income": "DEBT_BURDEN_HIGH",
    "debt_to_income": "DEBT_BURDEN_HIGH",
    "lenders": "DEBT_BURDEN_HIGH",
    "months_since_first_account": "FILE_THIN",
}


def reason_codes(scored: Scored, limit: int = LIMIT) -> tuple[str, ...]:
    """At most `limit` different codes, the strongest against the applicant first; SCORE_LOW when nothing stands out.

    Contributions come sorted, with ties by name, so the same score always gives the same codes.

    Raises:
        ValueError: limit below 1.
    """
    if limit < 1:
        raise ValueError(f"at least one reason is told, not {limit}")
    adverse = (REASON_OF[name] for name, value in scored.contributions if value >= LEAST_TOLD)
    return tuple(dict.fromkeys(adverse))[:limit] or (SCORE_LOW,)
