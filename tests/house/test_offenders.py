"""Each check finds what it forbids, and lets pass what it allows."""

import pytest

from tests.house.checks import bureau, circles, clock, contract, guards, keys, money, proof, size, words

LENDING = "app/domain/lending/accrual.py"
DRAWS = "app/flows/book/draws.py"
GATE = "app/domain/deciding/gate.py"
CIPHERS = "from cryptography.hazmat.primitives.ciphers"


@pytest.mark.parametrize(("lines", "found"), [(400, 0), (401, 1)])
def test_a_file_ends_at_four_hundred_lines(lines: int, found: int) -> None:
    assert len(size.long_files("app/main.py", "x = 1\n" * lines)) == found


@pytest.mark.parametrize(("lines", "found"), [(600, 0), (601, 1)])
def test_a_test_ends_at_six_hundred_lines(lines: int, found: int) -> None:
    assert len(size.long_files("tests/test_x.py", "x = 1\n" * lines)) == found


@pytest.mark.parametrize(("body", "found"), [(68, 0), (69, 1)])
@pytest.mark.parametrize("word", ["def", "async def"])
def test_a_function_ends_at_seventy_lines_with_its_decorator(word: str, body: int, found: int) -> None:
    source = f"@once\n{word} f():\n" + "    x = 1\n" * body
    assert len(size.long_functions("app/main.py", source)) == found


@pytest.mark.parametrize(("files", "found"), [(12, 0), (13, 1)])
def test_a_folder_holds_a_dozen_files(files: int, found: int) -> None:
    product = [f"app/flows/book/{number}.py" for number in range(files)]
    others = ["app/flows/book/__init__.py", "app/flows/book/words.toml", "app/flows/book/deep/x.py"]
    tests = [f"tests/domain/test_{number}.py" for number in range(files)]
    assert len(size.full_folders([*product, *others, *tests])) == found


@pytest.mark.parametrize("path", [LENDING, GATE, DRAWS, "app/domain/money.py"])
@pytest.mark.parametrize(
    "source",
    [
        "rate = 0.24",
        "rate = 1e3",
        "rate = float('0.24')",
        "rate = float.fromhex('1')",
        "x = a / b",
        "a /= b",
        "z = 1j",
    ],
)
def test_a_float_near_money_is_found(path: str, source: str) -> None:
    assert len(money.floats_near_money(path, source)) == 1


@pytest.mark.parametrize(
    ("path", "source"),
    [
        (LENDING, "x = (a * b) // c"),
        (LENDING, "if isinstance(amount, float): raise ValueError"),
        (LENDING, "word = '0.24 / 2'"),
        ("ml/features.py", "x = a / 2.0"),
        ("app/domain/lending/annual_cost.py", "guess = 0.01"),
        ("app/domain/deciding/limit.py", "x = room / share"),
    ],
)
def test_exact_numbers_and_other_places_pass(path: str, source: str) -> None:
    assert not money.floats_near_money(path, source)


@pytest.mark.parametrize(
    "source",
    [
        "from datetime import datetime\nx = datetime.now(UTC)",
        "from datetime import datetime as moment\nx = moment.now()",
        "import datetime\nx = datetime.datetime.utcnow()",
        "import datetime as dt\nx = dt.date.today()",
        "from datetime import date\nread = date.today",
    ],
)
def test_a_read_of_the_clock_is_found(source: str) -> None:
    assert len(clock.clock_reads("app/flows/unit.py", source)) == 1
    assert not clock.clock_reads("app/clock.py", source)


@pytest.mark.parametrize(
    "source", ["x = clock.now()", "from datetime import datetime\nx = datetime.fromisoformat(y)"]
)
def test_an_injected_clock_passes(source: str) -> None:
    assert not clock.clock_reads("app/flows/unit.py", source)


@pytest.mark.parametrize(
    "source",
    [
        "import time",
        "from time import monotonic",
        "from time import perf_counter",
        "import asyncio",
        "async def f(): ...",
    ],
)
def test_a_clock_in_the_law_is_found(source: str) -> None:
    assert len(clock.clock_in_domain(LENDING, source)) == 1
    assert not clock.clock_in_domain(DRAWS, source)


def test_the_hour_of_a_day_is_no_clock() -> None:
    assert not clock.clock_in_domain(LENDING, "from datetime import time\nCUT_OFF = time(22, 0)")


@pytest.mark.parametrize(
    "source",
    [
        "inquire(permit)",
        "await door.inquire(permit)",
        "permit = mint_permit(consent)",
        "permit = law.mint_permit(consent)",
        "from app.domain.consent.permit import mint_permit as m",
    ],
)
def test_a_second_caller_of_the_bureau_is_found(source: str) -> None:
    assert len(bureau.door_callers("app/flows/watch/sweeping.py", source)) == 1
    assert not bureau.door_callers("app/flows/credit/assessing.py", source)


def test_naming_the_door_is_not_calling_it() -> None:
    assert not bureau.door_callers("app/main.py", "from app.doors.bureau import inquire\ndoor = inquire.Door(url)")


def test_an_assert_in_the_product_is_found() -> None:
    assert len(guards.asserts("app/main.py", "assert amount > 0")) == 1
    assert not guards.asserts("tests/test_x.py", "assert amount > 0")
    assert not guards.asserts("sims/wire.py", "assert amount > 0")


@pytest.mark.parametrize("kind", ["", " Exception", " Exception as e", " (ValueError, BaseException)"])
def test_catching_everything_is_found(kind: str) -> None:
    source = f"try: f()\nexcept{kind}: pass"
    assert len(guards.catch_alls("app/flows/unit.py", source)) == 1
    assert not guards.catch_alls("app/flows/worker.py", source)


@pytest.mark.parametrize("rest", [" (ValueError, KeyError): pass", " BaseException:\n    undo()\n    raise"])
def test_catching_by_name_or_raising_again_passes(rest: str) -> None:
    assert not guards.catch_alls("app/flows/unit.py", f"try: f()\nexcept{rest}")


@pytest.mark.parametrize("source", [f"{CIPHERS}.aead import AESGCM", f"{CIPHERS} import aead, Cipher as C"])
def test_a_cipher_outside_the_keys_is_found(source: str) -> None:
    assert keys.sealed_elsewhere("app/flows/unit.py", source)
    assert not keys.sealed_elsewhere("app/doors/keys.py", source)


def test_a_curve_outside_the_signing_door_is_found() -> None:
    source = "from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey"
    for path in ("app/flows/unit.py", "app/domain/proof/signed/note.py", keys.PLACE):
        assert keys.signed_elsewhere(path, source)
    assert not keys.signed_elsewhere("app/doors/signing.py", source)


def test_a_report_that_is_opened_elsewhere_is_found() -> None:
    source = 'plain = box.open("bureau_report", "sealed", row.id, row.sealed)'
    assert bureau.report_readers("app/flows/oversight/referrals.py", source)
    assert not bureau.report_readers(bureau.READER, source)
    assert not bureau.report_readers("app/flows/oversight/referrals.py", source.replace("bureau_report", "notice"))


@pytest.mark.parametrize("path", ["witness/app.py", "app/domain/proof/signed/note.py"])
def test_proof_code_that_leans_on_the_product_is_found(path: str) -> None:
    for source in ("from app.domain.money import Money", "import app.doors.signing", "from models import people"):
        assert proof.entangled(path, source)
        assert not proof.entangled("app/flows/unit.py", source)
    assert not proof.entangled(path, "import sqlite3\nfrom app.domain.proof.strict import Unproven")


def test_a_hash_is_no_cipher() -> None:
    assert not keys.sealed_elsewhere("app/flows/unit.py", "from cryptography.hazmat.primitives import hashes")


@pytest.mark.parametrize(
    "text",
    [
        "see https://" + "py" + "pi.org/simple",
        "resolved: https://registry." + "npm" + "js.org/x",
        "cd /wo" + "rk/main",
        'path = "/ro' + 'ot/x"',
        "made with Clau" + "de",
        "a sub-ag" + "ent wrote this",
    ],
)
def test_an_unwelcome_word_is_found(text: str) -> None:
    assert [finding.line for finding in words.unwelcome_words("README.md", f"Clearline\n{text}\n")] == [2]


@pytest.mark.parametrize("text", ["frame" + "work/x", "User-Agent", "./home/x", "geminid", "docs/decisions/0001.md"])
def test_welcome_words_pass(text: str) -> None:
    assert not words.unwelcome_words("README.md", text)


@pytest.mark.parametrize(
    "sources",
    [
        {"app/a.py": "from app import b", "app/b.py": "import app.a"},
        {
            "app/a.py": "from app.b import x",
            "app/b.py": "from .c import y",
            "app/c.py": "def f():\n    from . import a",
        },
        {"app/p/__init__.py": "from .a import x", "app/p/a.py": "from app.p import x"},
    ],
)
def test_a_circle_of_imports_is_found(sources: dict[str, str]) -> None:
    (finding,) = circles.import_circles(sources)
    first, *_, last = finding.rule.removeprefix("a circle of imports: ").split(" > ")
    assert first == last


def test_a_circle_is_told_in_the_order_of_its_imports() -> None:
    sources = {"app/a.py": "import app.b", "app/b.py": "import app.c", "app/c.py": "import app.a"}
    (finding,) = circles.import_circles(sources)
    told = finding.rule.removeprefix("a circle of imports: ")
    assert told in "app.a > app.b > app.c > app.a > app.b > app.c"


@pytest.mark.parametrize(
    "sources",
    [
        {"app/a.py": "from app import b", "app/b.py": "import json"},
        {"app/a.py": "import app.b", "app/b.py": "if TYPE_CHECKING:\n    from app.a import X"},
        {"app/__init__.py": "", "app/a.py": "import app.b", "app/b.py": "from app import missing"},
    ],
)
def test_imports_with_an_order_pass(sources: dict[str, str]) -> None:
    assert not circles.import_circles(sources)


def test_python_in_the_contract_is_found() -> None:
    paths = ["graphql/__init__.py", "graphql/operations/x.py", "graphql/schema.graphql", "app/graphql.py"]
    assert [finding.path for finding in contract.python_in_contract(paths)] == paths[:2]


def test_a_refusal_without_its_type_is_found() -> None:
    law = (
        "class Refusal(Exception): ...\nclass TooSoon(Refusal): ...\nclass FarTooSoon(TooSoon): ...\n"
        "class LimitExceeded(Refusal): ...\nclass Violation: ...\n"
    )
    api = {
        "app/api/a.py": "@strawberry.type(name='TooSoon')\nclass TooSoonType: ...",
        "app/api/b.py": "@strawberry.type\nclass LimitExceeded: ...\nclass FarTooSoon: ...",
    }
    (finding,) = contract.refusals_without_type("app/domain/refusals.py", law, api)
    assert finding.rule.startswith("FarTooSoon ")
