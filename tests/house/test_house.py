"""The house rules, held over the whole tree."""

from collections.abc import Callable

import pytest

from tests.house import tree
from tests.house.checks import bureau, circles, clock, contract, guards, keys, money, proof, size, words
from tests.house.checks.finding import Finding
from tests.needs import missing

Check = Callable[[str, str], list[Finding]]

OF_THE_PRODUCT: list[Check] = [
    size.long_files,
    size.long_functions,
    money.floats_near_money,
    clock.clock_reads,
    clock.clock_in_domain,
    bureau.door_callers,
    bureau.report_readers,
    guards.asserts,
    guards.catch_alls,
    keys.sealed_elsewhere,
    keys.signed_elsewhere,
    proof.entangled,
]


def told(findings: list[Finding]) -> str:
    return "\n".join(map(str, findings))


@pytest.mark.parametrize("check", OF_THE_PRODUCT, ids=lambda check: check.__name__)
def test_the_product_keeps_the_rule(check: Check) -> None:
    sources = tree.python(*tree.PRODUCT)
    assert sources
    findings = [finding for path, source in sources.items() for finding in check(path, source)]
    assert not findings, told(findings)


def test_tests_stay_readable() -> None:
    findings = [found for path, source in tree.python("tests").items() for found in size.long_files(path, source)]
    assert not findings, told(findings)


def test_no_text_names_a_registry_a_machine_or_a_tool() -> None:
    texts = [(path, source) for path in tree.paths() if (source := tree.text(path)) is not None]
    findings = [finding for path, source in texts for finding in words.unwelcome_words(path, source)]
    assert not findings, told(findings)


def test_no_folder_is_overfull() -> None:
    findings = size.full_folders(tree.paths())
    assert not findings, told(findings)


def test_the_contract_holds_no_python() -> None:
    findings = contract.python_in_contract(tree.paths())
    assert not findings, told(findings)


def test_no_imports_run_in_a_circle() -> None:
    findings = circles.import_circles(tree.python(*tree.PRODUCT))
    assert not findings, told(findings)


def test_every_refusal_has_a_graphql_type_of_its_name() -> None:
    law, api = tree.python("app"), "app/api/refusals.py"
    if api not in law:
        missing(api)
    types = {path: source for path, source in law.items() if path.startswith("app/api/")}
    path = "app/domain/refusals.py"
    findings = contract.refusals_without_type(path, law[path], types)
    assert not findings, told(findings)


def test_every_exemption_still_has_its_file() -> None:
    exempt = [*money.EXEMPT, *money.FRACTIONS, *guards.EDGES, *clock.CLOCKS, bureau.CALLER, keys.PLACE, *keys.SIGNERS]
    gone = [path for path in exempt if path not in tree.paths()]
    if gone:
        missing(f"files that a rule speaks of: {', '.join(gone)}")
