"""The contract: fresh, whole, the same in both languages, and true about what may lead to the bureau."""

import ast
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from graphql import (
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    OperationDefinitionNode,
    build_schema,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    parse,
    validate,
)

from app.api.gates import _Bounds as Bounds
from app.api.lists.entries import ENTRIES
from app.api.schema import sdl
from app.api.showing import SHOWN
from app.api.words import _catalogue as catalogue
from app.cli.papers.contract import export
from app.domain.deciding.reasons import ReasonCode
from app.domain.money import AmountProblem
from app.domain.person import IdNumberProblem, NameProblem, PhoneProblem
from app.domain.telling.notice import VARIANTS, wording
from app.settings import ROOT
from tests.contract.reach import Sources

PRODUCTION, SANDBOX = build_schema(sdl(sandbox=False)), build_schema(sdl(sandbox=True))
OPERATIONS = sorted((ROOT / "graphql" / "operations").glob("*.graphql"))
LEADS_TO_THE_BUREAU = {"submitApplication", "requestLimitIncrease"}
ASSESSMENTS = {"ASSESS_APPLICATION", "ASSESS_INCREASE"}
ENUMS_OF_PROBLEMS = {
    "AMOUNT_": AmountProblem,
    "NAME_": NameProblem,
    "ID_": IdNumberProblem,
    "PHONE_": PhoneProblem,
}


def test_the_files_of_the_contract_are_what_the_code_prints() -> None:
    assert export(check=True) == []


@pytest.mark.parametrize("path", OPERATIONS, ids=lambda path: path.stem)
def test_an_operation_is_named_as_its_file_and_fits_the_contract(path: Path) -> None:
    document = parse(path.read_text(encoding="utf-8"))
    assert validate(SANDBOX, document) == []
    assert validate(SANDBOX, document, [Bounds]) == []
    (operation,) = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    assert operation.name is not None
    assert operation.name.value == path.stem


def test_a_list_that_is_not_paged_names_its_most_entries_and_no_name_is_left_over() -> None:
    found = {
        f"{kind.name}.{name}"
        for kind in SANDBOX.type_map.values()
        if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__")
        for name, field in kind.fields.items()
        if isinstance(get_nullable_type(field.type), GraphQLList) and is_composite_type(get_named_type(field.type))
        if "first" not in field.args and (name, kind.name[-10:]) != ("nodes", "Connection")
    }
    assert found == set(ENTRIES)


def unions() -> dict[str, list[GraphQLObjectType]]:
    return {name: list(kind.types) for name, kind in SANDBOX.type_map.items() if isinstance(kind, GraphQLUnionType)}


def is_refusal(kind: GraphQLObjectType) -> bool:
    return "UserError" in {interface.name for interface in kind.interfaces}


def test_a_result_is_one_payload_and_then_refusals() -> None:
    assert len(unions()) > 10
    for name, members in unions().items():
        assert name.endswith("Result")
        assert members[0].name.endswith("Payload"), name
        assert not is_refusal(members[0]), name
        assert len(members) > 1
        assert all(is_refusal(member) for member in members[1:]), name


def test_every_refusal_is_a_member_of_some_result_and_every_member_is_a_refusal_of_the_law() -> None:
    used = {member.name for members in unions().values() for member in members[1:]}
    assert used == {shown.__name__ for shown, _ in SHOWN.values()} == {refusal.__name__ for refusal in SHOWN}
    interface = SANDBOX.type_map["UserError"]
    assert isinstance(interface, GraphQLInterfaceType)
    assert {kind.name for kind in SANDBOX.get_possible_types(interface)} == used


def asks() -> dict[str, str | None]:
    """What each root field says of the bureau."""
    found: dict[str, str | None] = {}
    for root in (SANDBOX.query_type, SANDBOX.mutation_type, SANDBOX.subscription_type):
        assert root is not None
        for name, member in root.fields.items():
            assert member.ast_node is not None
            said: list[Any] = [node for node in member.ast_node.directives or () if node.name.value == "bureau"]
            found[name] = said[0].arguments[0].value.value if len(said) == 1 else None
    return found


def test_every_root_field_says_whether_it_may_lead_to_the_bureau() -> None:
    assert set(asks().values()) == {"NEVER", "ONCE_WITH_CONSENT"}
    assert {name for name, said in asks().items() if said == "ONCE_WITH_CONSENT"} == LEADS_TO_THE_BUREAU


@pytest.mark.parametrize("schema", [PRODUCTION, SANDBOX], ids=["production", "sandbox"])
def test_every_field_of_every_input_says_what_is_wanted(schema: GraphQLSchema) -> None:
    inputs = [kind for kind in schema.type_map.values() if isinstance(kind, GraphQLInputObjectType)]
    assert len(inputs) > 20
    silent = [
        f"{kind.name}.{name}" for kind in inputs for name, field in kind.fields.items() if not field.description
    ]
    assert silent == []


def root_resolvers() -> dict[str, tuple[ast.AST, str]]:
    """The method behind each root field, by the field's name, with its module."""
    found: dict[str, tuple[ast.AST, str]] = {}
    for path in sorted((ROOT / "app" / "api").rglob("*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for kind in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(kind, ast.ClassDef) and kind.name.endswith(("Query", "Mutation", "Subscription")):
                for method in kind.body:
                    if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef):
                        head, *rest = method.name.split("_")
                        found[head + "".join(word.title() for word in rest)] = (method, module)
    return found


def queues_an_assessment(body: ast.AST) -> bool:
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "enqueue"
        and any(isinstance(word, ast.Name) and word.id in ASSESSMENTS for word in node.args)
        for node in ast.walk(body)
    )


def test_what_the_contract_says_of_the_bureau_is_what_the_code_can_do() -> None:
    sources = Sources.read("app/api", "app/flows")
    resolvers = root_resolvers()
    assert set(resolvers) == set(asks())
    queues = {place for place, body in sources.bodies.items() if queues_an_assessment(body)}
    assert {name for _, name in queues} == {"submit_application", "request_limit_increase"}
    reached = {name: sources.reached(*resolver) for name, resolver in resolvers.items()}
    assert {name for name, places in reached.items() if places & queues} == LEADS_TO_THE_BUREAU
    for name, places in reached.items():
        touched = {module for module, _ in places}
        assert "app.flows.credit.assessing" not in touched, name
        assert not {module for module in touched if module.startswith("app.doors.bureau.inquire")}, name


def test_the_reading_of_the_code_sees_through_helpers() -> None:
    sources = Sources.read("app/api", "app/flows")
    method, module = root_resolvers()["quotes"]
    places = sources.reached(method, module)
    assert ("app.flows.book.quoting", "_priced") in places
    assert ("app.api.scalars", "decode_id") in places


def test_production_has_nothing_of_the_sandbox() -> None:
    text = sdl(sandbox=False)
    assert "sandbox" not in text.lower().replace("in the sandbox it is always", "")
    assert "MagicPerson" not in text
    assert set(PRODUCTION.type_map) < set(SANDBOX.type_map)


def places_of(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def test_both_languages_say_the_same_things_with_the_same_facts() -> None:
    chinese, english = catalogue("zh-CN"), catalogue("en")
    assert {group: set(codes) for group, codes in chinese.items()} == {
        group: set(codes) for group, codes in english.items()
    }
    for group, codes in chinese.items():
        for code, sentence in codes.items():
            assert sentence.strip()
            assert english[group][code].isascii()
            assert places_of(sentence) == places_of(english[group][code]), code


def test_every_refusal_and_every_reason_has_a_sentence() -> None:
    said = catalogue("zh-CN")
    assert set(said["refusal"]) == {shown.__name__ for shown, _ in SHOWN.values()}
    assert set(said["reason"]) == {code.value for code in ReasonCode}
    assert set(said["advice"]) <= set(said["reason"])


def test_every_wording_of_every_notice_has_a_title_and_a_body_and_none_is_left_over() -> None:
    said = catalogue("zh-CN")
    wordings = {wording(kind, variant) for kind, variants in VARIANTS.items() for variant in variants}
    assert set(said["noticeTitle"]) == set(said["noticeBody"]) == wordings


def test_no_notice_threatens_or_speaks_of_others() -> None:
    chinese, english = ("\n".join(catalogue(tag)["noticeBody"].values()) for tag in ("zh-CN", "en"))
    assert not [word for word in ("起诉", "法院", "律师", "后果自负", "亲友", "通讯录", "黑名单") if word in chinese]
    assert not [
        word for word in ("court", "lawyer", "consequence", "family", "employer", "blacklist") if word in english
    ]


def test_every_word_of_an_error_that_the_code_names_has_a_sentence_and_none_is_left_over() -> None:
    named = set()
    for path in sorted((ROOT / "app" / "api").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and node.value in catalogue("en")["error"]:
                named.add(node.value)
    assert named == set(catalogue("en")["error"])


def spelled(value: ast.expr, tree: ast.AST) -> set[str]:
    """The codes that an expression may stand for."""
    if isinstance(value, ast.Constant):
        return {str(value.value)}
    if isinstance(value, ast.JoinedStr):
        head = value.values[0]
        assert isinstance(head, ast.Constant)
        prefix = str(head.value)
        return {prefix + str(problem.value) for problem in ENUMS_OF_PROBLEMS[prefix]}
    if isinstance(value, ast.IfExp):
        return spelled(value.body, tree) | spelled(value.orelse, tree)
    if not isinstance(value, ast.Name):
        return set()
    given = [node.value for node in ast.walk(tree) if isinstance(node, ast.Assign) and _sets(node, value.id)]
    return set().union(*(spelled(one, tree) for one in given))


def _sets(node: ast.Assign, name: str) -> bool:
    return any(isinstance(target, ast.Name) and target.id == name for target in node.targets)


def problems_in(path: Path) -> set[str]:
    """Every word for a problem that a source file may raise."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            for keyword in node.keywords:
                if keyword.arg == "problem":
                    found |= spelled(keyword.value, tree)
            if isinstance(node.func, ast.Name) and node.func.id == "Violation" and len(node.args) > 1:
                found |= spelled(node.args[1], tree)
    return found


def test_every_problem_that_the_code_names_has_a_sentence_and_none_is_left_over() -> None:
    named = set().union(*(problems_in(path) for path in sorted((ROOT / "app").rglob("*.py"))))
    assert named == set(catalogue("zh-CN")["problem"])
