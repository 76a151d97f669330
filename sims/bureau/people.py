"""The invented people of the register: what others reported, told backwards from the day of the report."""

import hashlib
from dataclasses import dataclass, field, replace

HASH_BYTES = 32
SEED = 1


@dataclass(frozen=True, slots=True)
class Account:
    """One account; amounts are whole yuan, times are whole months back (1 is the last full month).

    Of the months in `untold` nobody has told anything; `note` is the annotation of a correction.
    """

    kind: str
    lender: str
    lender_type: str
    business: str
    granted: int
    balance: int
    due: int
    opened: int
    closed: int = 0
    overdue: int = 0
    status: str = "1"
    late: dict[int, str] = field(default_factory=dict)
    untold: frozenset[int] = frozenset()
    note: str = ""

    @property
    def is_card(self) -> bool:
        """Whether it is a credit card."""
        return self.kind == "R2"


@dataclass(frozen=True, slots=True)
class Query:
    """One question that somebody else asked, `days` before the report."""

    days: int
    institution: str
    institution_type: str
    reason: str


@dataclass(frozen=True, slots=True)
class Person:
    """Everything that the bureau holds on one ID number, its own register of queries aside."""

    accounts: tuple[Account, ...] = ()
    queries: tuple[Query, ...] = ()
    objections: int = 0
    enforced: int = 0
    deceased: bool = False


LENDERS = (
    ("B-ALDER", "11"),
    ("C-BIRCH", "24"),
    ("M-CEDAR", "51"),
    ("C-DOGWOOD", "24"),
    ("M-ELDER", "51"),
    ("T-FIR", "21"),
    ("B-HAZEL", "11"),
    ("M-IVY", "51"),
)


def _loan(n: int, granted: int, balance: int, due: int, opened: int, **more: object) -> Account:
    lender, kind = LENDERS[n % len(LENDERS)]
    account = Account("R4" if kind == "51" else "D1", lender, kind, "91", granted, balance, due, opened)
    return replace(account, **more)  # type: ignore[arg-type]


def _home(granted: int, balance: int, due: int, opened: int) -> Account:
    return Account("D1", "B-ALDER", "11", "11", granted, balance, due, opened)


def _card(n: int, limit: int, used: int, opened: int, **more: object) -> Account:
    lender = ("B-ALDER", "B-HAZEL", "B-JUNIPER")[n % 3]
    return replace(Account("R2", lender, "11", "81", limit, used, used // 10, opened), **more)  # type: ignore[arg-type]


def _queries(*days: int, reason: str = "02") -> tuple[Query, ...]:
    return tuple(Query(day, *LENDERS[n % len(LENDERS)], reason) for n, day in enumerate(days))


CLEAN_THICK = Person(
    accounts=(
        _home(480_000, 296_000, 2_600, 62),
        _card(0, 50_000, 6_200, 84),
        _card(1, 30_000, 2_400, 41),
        _loan(1, 20_000, 0, 0, 50, closed=38, status="3"),
    ),
    queries=_queries(430) + _queries(95, reason="01"),
)
SERIOUS = Person(
    accounts=(
        _loan(1, 80_000, 71_000, 4_300, 20, overdue=8_600, status="2", late={1: "2", 2: "1", 9: "1"}),
        _loan(2, 60_000, 58_000, 3_900, 15, overdue=15_600, status="2", late={1: "4", 2: "3", 3: "2", 4: "1"}),
        _loan(3, 90_000, 77_000, 4_100, 26, late={13: "1", 14: "1"}),
        _loan(4, 50_000, 49_000, 2_900, 7),
        _loan(5, 70_000, 31_000, 2_700, 40, late={30: "3", 31: "2", 32: "1"}),
        _card(0, 30_000, 29_700, 66, overdue=2_970, late={1: "1"}),
    ),
    queries=_queries(3, 9, 15, 22, 41, 58, 77, 96, 120, 139, 160, 212, 260, 301, 388, 470, 600),
)
BORDERLINE = Person(
    accounts=(
        _loan(1, 40_000, 22_000, 1_500, 19, late={8: "1", 13: "1"}),
        _loan(2, 15_000, 8_000, 900, 9),
        _card(1, 20_000, 13_600, 33),
    ),
    queries=_queries(18, 70, 110, 150, 240, 330, 520),
    objections=1,
)
CLEAN_MIDDLE = Person(
    accounts=(_loan(0, 30_000, 9_000, 1_300, 28), _card(1, 20_000, 3_000, 45)),
    queries=_queries(200, 610),
)
THIN = Person(accounts=(_card(2, 5_000, 600, 7),), queries=_queries(215, reason="03"))
CLEAN_CAR = Person(
    accounts=(
        Account("D1", "A-LARCH", "23", "21", 90_000, 38_000, 1_900, 30),
        _card(0, 40_000, 4_400, 72),
        _card(2, 15_000, 1_100, 25),
        _loan(3, 10_000, 0, 0, 36, closed=25, status="3"),
    ),
    queries=_queries(380, 700) + _queries(60, 420, reason="01"),
)
MULTI_LENDER = Person(
    accounts=(
        _loan(1, 20_000, 16_000, 1_250, 11),
        _loan(2, 18_000, 15_000, 1_300, 8),
        _loan(3, 25_000, 20_000, 1_400, 13),
        _loan(4, 15_000, 14_000, 1_150, 5),
        _loan(5, 30_000, 21_000, 1_500, 17),
        _loan(7, 12_000, 10_000, 800, 6),
        _card(0, 16_000, 8_800, 38),
    ),
    queries=_queries(25, 62, 90, 130, 168, 205, 250, 290, 340, 400, 455, 530, 620),
)
CLEAN_YOUNG = Person(accounts=(_card(1, 8_000, 1_200, 22),), queries=_queries(680, reason="03"))

MAGIC = {
    "001": CLEAN_THICK,
    "002": SERIOUS,
    "003": BORDERLINE,
    "004": CLEAN_MIDDLE,
    "005": THIN,
    "006": Person(),
    "007": CLEAN_CAR,
    "008": MULTI_LENDER,
    "009": CLEAN_YOUNG,
}

RECENTLY_LATE = Person(
    accounts=(
        _loan(0, 25_000, 14_000, 1_200, 16, overdue=1_200, status="2", late={1: "1", 4: "2", 5: "1"}),
        _card(1, 15_000, 9_500, 30),
    ),
    queries=_queries(45, 170, 390),
)
MANY_QUERIES = Person(
    accounts=(_loan(2, 10_000, 6_000, 700, 10), _card(0, 12_000, 7_000, 20)),
    queries=_queries(4, 11, 29, 44, 66, 87, 115, 141, 165, 300, 444),
)
BAD_DEBT = Person(
    accounts=(
        _loan(5, 40_000, 40_000, 0, 44, overdue=40_000, status="4", late={1: "B", 2: "7", 3: "6", 20: "1"}),
        _card(0, 10_000, 9_900, 50),
    ),
    queries=_queries(300, 650),
)

# Per mille of everybody who is nobody special; the order only names the shares.
SHARES = (
    (330, CLEAN_THICK),
    (190, CLEAN_MIDDLE),
    (110, THIN),
    (90, Person()),
    (90, BORDERLINE),
    (70, MULTI_LENDER),
    (50, RECENTLY_LATE),
    (30, MANY_QUERIES),
    (24, SERIOUS),
    (8, BAD_DEBT),
    (3, replace(SERIOUS, enforced=1)),
    (3, replace(CLEAN_MIDDLE, objections=2)),
    (2, replace(CLEAN_MIDDLE, deceased=True)),
)


def person(id_number: str, seed: int = SEED) -> Person:
    """The story of an ID number: by its sequence (digits 15 to 17) if that is magic, else by its hash with `seed`."""
    magic = MAGIC.get(id_number[14:17])
    if magic is not None:
        return magic
    draws = hashlib.sha256(f"clearline-bureau/people/{seed}{id_number}".encode()).digest()
    place = int.from_bytes(draws[:4]) % sum(share for share, _ in SHARES)
    for share, story in SHARES:
        if place < share:
            return replace(
                story, accounts=tuple(_vary(account, draws, n) for n, account in enumerate(story.accounts))
            )
        place -= share
    raise AssertionError("the shares cover every place")


def _vary(account: Account, draws: bytes, n: int) -> Account:
    """The account a little larger or smaller and older, its lateness untouched."""
    percent = 70 + draws[(4 + 2 * n) % HASH_BYTES] % 61
    months = draws[(5 + 2 * n) % HASH_BYTES] % 13
    scaled = {name: getattr(account, name) * percent // 100 for name in ("granted", "balance", "due", "overdue")}
    return replace(account, opened=account.opened + months, **scaled)
