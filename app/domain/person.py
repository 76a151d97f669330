"""Who a customer is: identity number, name and mobile number, checked once and never shown whole by accident.

Each value checks itself, so no unsound one exists. Neither a `repr` nor an error carries what was typed: both
end up in logs. Read `.value` where the thing itself is meant.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Self

# ---- identity number -----------------------------------------------------------------------------

ID_LENGTH = 18
ID_LENGTH_OLD = 15  # issued until 1999, void since 2013
ID_INPUT_MAX = 64
ID_YEAR_MIN = 1900
SANDBOX_REGION = "99"
SEQUENCE_MAX = 999
FOREIGNER = "9"  # the 2023 permanent residence card: 9, province, nationality

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_SIGNS = "10X98765432"
_ID_FOLDS = str.maketrans("０１２３４５６７８９Ｘｘx", "0123456789XXX", " \u00a0\u3000")
_ID_SIGNS = re.compile("[0-9]*X?", re.ASCII)
_MAINLAND = frozenset(re.findall("..", "11121314152122233132333435363741424344454650515253546162636465"))
_OTHER_REGIONS = frozenset({"71", "81", "82", "83"})  # Taiwan, Hong Kong, Macao; residence permits of Taiwan


class IdNumberProblem(StrEnum):
    """What is wrong with an identity number."""

    LENGTH = "LENGTH"
    CHARACTER = "CHARACTER"
    BIRTH_DATE = "BIRTH_DATE"
    CHECK_DIGIT = "CHECK_DIGIT"
    REGION = "REGION"


class IdNumberInvalid(ValueError):
    """An identity number that cannot be one; the message never holds the number."""

    def __init__(self, problem: IdNumberProblem, message: str) -> None:
        super().__init__(message)
        self.problem = problem


@dataclass(frozen=True, slots=True, repr=False)
class IdNumber:
    """A resident identity number of 18 characters with a right check sign (GB 11643).

    Raises:
        IdNumberInvalid: `problem` says what is wrong.
    """

    value: str

    def __post_init__(self) -> None:
        _check_id_signs(self.value)
        _birth_date(self.value)
        if not _region_known(self.value):
            raise IdNumberInvalid(IdNumberProblem.REGION, "The first two digits name no region.")
        if _check_sign(self.value[:-1]) != self.value[-1]:
            raise IdNumberInvalid(
                IdNumberProblem.CHECK_DIGIT, "The check digit does not fit: one of the digits is mistyped."
            )

    @classmethod
    def parse(cls, text: str) -> Self:
        """The number that was typed: full-width signs and x folded, blanks dropped, nothing else forgiven.

        Raises:
            IdNumberInvalid: `problem` says what is wrong; the message never holds the number.
        """
        if len(text) > ID_INPUT_MAX:
            raise IdNumberInvalid(IdNumberProblem.LENGTH, f"An ID number has {ID_LENGTH} characters.")
        return cls(text.strip().translate(_ID_FOLDS))

    @property
    def birth_date(self) -> date:
        """The day of birth, signs 7 to 14."""
        return _birth_date(self.value)

    @property
    def sequence(self) -> int:
        """The number among those born in one region on one day, signs 15 to 17 (0 to 999)."""
        return int(self.value[14:17])

    @property
    def is_sandbox_region(self) -> bool:
        """Whether the number is of region 99, assigned to nobody and kept for invented people."""
        return self.value.startswith(SANDBOX_REGION)

    @property
    def masked(self) -> str:
        """The number for a screen: first two and last two signs."""
        return f"{self.value[:2]}{'*' * (ID_LENGTH - 4)}{self.value[-2:]}"

    def age_on(self, day: date) -> int:
        """Full years of age on `day`; one born on 29 February turns a year older on 1 March of a common year.

        Raises:
            IdNumberInvalid: `day` is before the birth, so the number cannot be anyone's.
        """
        born = self.birth_date
        if day < born:
            raise IdNumberInvalid(IdNumberProblem.BIRTH_DATE, "The birth date in the number lies in the future.")
        return day.year - born.year - ((day.month, day.day) < (born.month, born.day))

    def __repr__(self) -> str:
        return f"IdNumber({self.masked})"


def make_id_number(region: str, birth: date, sequence: int) -> str:
    """An identity number with its check sign, for invented people.

    `region` has six digits and begins with 99 for a person that cannot exist; `sequence` is 0 to 999.

    Raises:
        IdNumberInvalid: the parts make no sound number.
    """
    if not 0 <= sequence <= SEQUENCE_MAX:
        raise IdNumberInvalid(IdNumberProblem.LENGTH, "A sequence has three digits.")
    body = f"{region}{birth:%Y%m%d}{sequence:03d}"
    if len(body) != ID_LENGTH - 1 or not (body.isascii() and body.isdigit()):
        raise IdNumberInvalid(IdNumberProblem.LENGTH, "A region has six digits.")
    return IdNumber(body + _check_sign(body)).value


def _check_id_signs(value: str) -> None:
    if not _ID_SIGNS.fullmatch(value):
        last_only = _ID_SIGNS.fullmatch(value[:-1])
        where = "its last sign is neither" if last_only else "a sign before the last is no digit"
        message = f"An ID number has digits only, or the Latin letter X as its last sign: {where}."
        raise IdNumberInvalid(IdNumberProblem.CHARACTER, message)
    if len(value) == ID_LENGTH_OLD:
        message = "This is an old number of 15 digits. Enter the 18 characters of the present card."
        raise IdNumberInvalid(IdNumberProblem.LENGTH, message)
    if len(value) != ID_LENGTH:
        message = f"An ID number has {ID_LENGTH} characters, and this has {len(value)}."
        raise IdNumberInvalid(IdNumberProblem.LENGTH, message)


def _birth_date(value: str) -> date:
    try:
        born = date(int(value[6:10]), int(value[10:12]), int(value[12:14]))
    except ValueError:
        born = date.min
    if born.year < ID_YEAR_MIN:
        raise IdNumberInvalid(IdNumberProblem.BIRTH_DATE, "Digits 7 to 14 are no date of birth.")
    return born


def _region_known(value: str) -> bool:
    region = value[:2]
    if region in _MAINLAND or region in _OTHER_REGIONS or region == SANDBOX_REGION:
        return True
    return value[0] == FOREIGNER and value[1:3] in _MAINLAND


def _check_sign(body: str) -> str:
    total = sum(weight * int(sign) for weight, sign in zip(_WEIGHTS, body, strict=True))
    return _CHECK_SIGNS[total % 11]


# ---- name ----------------------------------------------------------------------------------------

NAME_LENGTH_MAX = 50
NAME_INPUT_MAX = 200  # a decomposed name is longer before it is composed
DOT = "\u00b7"

# What people type, and older systems store, for the dot within a name.
_DOTS = "\u00b7\u2022\u2027\u2219\u22c5\u2e31\u2e33\u30fb\uff65\ua78f\u16eb.\uff0e\u3002\uff61"
_APOSTROPHES = "'\u2019"
_HYPHENS = "-\u2010\u2011"
_CANONICAL = {
    ord(sign): kept for signs, kept in ((_DOTS, DOT), (_APOSTROPHES, "'"), (_HYPHENS, "-")) for sign in signs
}
_SEPARATORS = frozenset(_DOTS + _APOSTROPHES + _HYPHENS + " ")
_BLANKS = re.compile("[ \u00a0\u3000]+")
_AROUND_DOT = re.compile(f" ?{DOT} ?")
_COMPATIBILITY_IDEOGRAPH = re.compile("([\uf900-\ufaff\U0002f800-\U0002fa1f])")
_ZERO = "\u3007"  # an ideograph in names, though Unicode calls it a number
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0")  # fillers: letters by category, but nothing is seen
_UNSEEN_MARK = re.compile("[\u034f\u17b4\u17b5\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_IDEOGRAPH_PLANES = range(0x20000, 0x3FFFE)
_NONCHARACTER = 0xFFFE
_SHAPE = re.compile("L[LM]*(?:SL[LM]*)*")


class NameProblem(StrEnum):
    """What is wrong with a name. RETYPE: a private-use sign, which others will see as something else."""

    LENGTH = "LENGTH"
    CHARACTER = "CHARACTER"
    RETYPE = "RETYPE"


class NameInvalid(ValueError):
    """A name that cannot be kept; the message tells the place, never the name."""

    def __init__(self, problem: NameProblem, message: str) -> None:
        super().__init__(message)
        self.problem = problem


@dataclass(frozen=True, slots=True, repr=False)
class PersonName:
    """A name as its owner writes it: 1 to 50 code points, letters of any plane, composed (NFC).

    One letter is enough: such names stand on cards, and the identity check, not a form, knows better. Single
    dots, apostrophes, hyphens and blanks may stand between letters. Digits, quotes, brackets, semicolons,
    controls, and signs that cannot be seen are refused.

    Raises:
        NameInvalid: `problem` says what is wrong.
    """

    value: str

    def __post_init__(self) -> None:
        if not 1 <= len(self.value) <= NAME_LENGTH_MAX:
            raise NameInvalid(NameProblem.LENGTH, f"A name has 1 to {NAME_LENGTH_MAX} characters.")
        for place, sign in enumerate(self.value, start=1):
            _check_name_sign(place, sign)
        if _composed(self.value) != self.value or not _SHAPE.fullmatch("".join(map(_kind, self.canonical))):
            message = "A name begins and ends with a letter; single dots, hyphens or blanks may stand between."
            raise NameInvalid(NameProblem.CHARACTER, message)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The name that was typed: trimmed, composed, runs of blanks made one; letters and dots as typed.

        Raises:
            NameInvalid: `problem` says what is wrong; the message never holds the name.
        """
        if len(text) > NAME_INPUT_MAX:
            raise NameInvalid(NameProblem.LENGTH, f"A name has 1 to {NAME_LENGTH_MAX} characters.")
        return cls(_composed(_BLANKS.sub(" ", text.strip())))

    @property
    def canonical(self) -> str:
        """The name for comparing with another register: each kind of dot is U+00B7, no blanks around it."""
        return _AROUND_DOT.sub(DOT, unicodedata.normalize("NFC", self.value).translate(_CANONICAL))

    def matches(self, other: Self) -> bool:
        """Whether both are one name, whichever dots were typed."""
        return self.canonical == other.canonical

    @property
    def masked(self) -> str:
        """The name for a screen: its first sign."""
        return f"{self.value[0]}**"

    def __repr__(self) -> str:
        return "PersonName(**)"


def _composed(text: str) -> str:
    # NFC would exchange compatibility ideographs for others; people's names hold them, so they stay.
    parts = _COMPATIBILITY_IDEOGRAPH.split(text)
    return "".join(
        part if _COMPATIBILITY_IDEOGRAPH.fullmatch(part) else unicodedata.normalize("NFC", part) for part in parts
    )


def _check_name_sign(place: int, sign: str) -> None:
    if unicodedata.category(sign) == "Co":
        message = f"Sign {place} is a private-use sign of one device. Retype it with an input method of today."
        raise NameInvalid(NameProblem.RETYPE, message)
    if sign not in _SEPARATORS and _kind(sign) == "?":
        raise NameInvalid(NameProblem.CHARACTER, f"Sign {place} is not a letter and has no place in a name.")


def _kind(sign: str) -> str:
    """L for a letter, M for a mark on one, S for what may part letters, ? for all else."""
    if sign in _SEPARATORS:
        return "S"
    category = unicodedata.category(sign)
    if sign == _ZERO or _is_plane_ideograph(sign):
        return "L"
    if category[0] == "L":
        return "?" if sign in _BLANK_LETTERS else "L"
    return "M" if category[0] == "M" and not _UNSEEN_MARK.match(sign) else "?"


def _is_plane_ideograph(sign: str) -> bool:
    # Planes 2 and 3 hold ideographs only, and gain some before the Unicode tables of Python know them.
    code = ord(sign)
    return code in _IDEOGRAPH_PLANES and code & 0xFFFF < _NONCHARACTER


# ---- mobile number -------------------------------------------------------------------------------

PHONE_LENGTH = 11
PHONE_INPUT_MAX = 32

_PHONE_FOLDS = str.maketrans("０１２３４５６７８９＋", "0123456789+", " -\u00a0\u3000\uff0d")
_COUNTRY = re.compile("^(?:\\+86|0086|86(?=1[0-9]{10}$))", re.ASCII)
_PHONE_SIGNS = re.compile("[0-9]+", re.ASCII)


class PhoneProblem(StrEnum):
    """What is wrong with a mobile number. PREFIX: it is not a mobile number of the mainland."""

    LENGTH = "LENGTH"
    CHARACTER = "CHARACTER"
    PREFIX = "PREFIX"


class PhoneNumberInvalid(ValueError):
    """A mobile number that cannot be one; the message never holds the number."""

    def __init__(self, problem: PhoneProblem, message: str) -> None:
        super().__init__(message)
        self.problem = problem


@dataclass(frozen=True, slots=True, repr=False)
class PhoneNumber:
    """A mainland mobile number: 11 digits, the first a 1.

    The ranges 10, 11 and 12 are taken too: they are nobody's, so fit for invented people.

    Raises:
        PhoneNumberInvalid: `problem` says what is wrong.
    """

    value: str

    def __post_init__(self) -> None:
        if not _PHONE_SIGNS.fullmatch(self.value):
            raise PhoneNumberInvalid(PhoneProblem.CHARACTER, "A mobile number has digits only.")
        if not self.value.startswith("1"):
            message = "A mobile number of the mainland begins with 1, after +86 if given."
            raise PhoneNumberInvalid(PhoneProblem.PREFIX, message)
        if len(self.value) != PHONE_LENGTH:
            raise PhoneNumberInvalid(PhoneProblem.LENGTH, f"A mobile number has {PHONE_LENGTH} digits.")

    @classmethod
    def parse(cls, text: str) -> Self:
        """The number that was typed: +86, blanks, hyphens and full-width digits are taken.

        Raises:
            PhoneNumberInvalid: `problem` says what is wrong; the message never holds the number.
        """
        if len(text) > PHONE_INPUT_MAX:
            raise PhoneNumberInvalid(PhoneProblem.LENGTH, f"A mobile number has {PHONE_LENGTH} digits.")
        return cls(_COUNTRY.sub("", text.strip().translate(_PHONE_FOLDS)))

    @property
    def masked(self) -> str:
        """The number for a screen: last four digits."""
        return f"{'*' * (PHONE_LENGTH - 4)}{self.value[-4:]}"

    def __repr__(self) -> str:
        return f"PhoneNumber({self.masked})"
