"""What a document may be: bounded in tokens, depth, aliases and reach; and, in the trusted contract, registered."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Self, cast

from graphql import (
    ASTValidationRule,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    parse,
    print_ast,
)
from graphql.validation import ASTValidationContext, ValidationContext
from strawberry.extensions import AddValidationRules, MaxTokensLimiter, ParserCache, SchemaExtension, ValidationCache

from app.api.errors import Ours, bad_request
from app.api.lists.entries import ENTRIES
from app.api.reading.pages import PAGE_MAX

TOKENS_MAX = 1500
FRAGMENTS_MAX = 30
DEPTH_MAX = 12
ALIASES_MAX = 15
ROOT_FIELDS_MAX = 20
NODES_MAX = 6000
PAGE_DEFAULT = 20
CACHED_DOCUMENTS_MAX = 500
TRUSTED_FILE = Path(__file__).resolve().parents[2] / "graphql" / "trusted.json"


@dataclass(frozen=True, slots=True)
class TrustedDocuments:
    """The registered operations: by id, and by their printed form, which white space does not change."""

    by_id: dict[str, str]
    printed: frozenset[str]

    @classmethod
    @cache
    def load(cls, path: Path = TRUSTED_FILE) -> Self:
        """Read a manifest of operations (ids are SHA-256 of the body)."""
        operations = json.loads(path.read_text(encoding="utf-8"))["operations"] if path.exists() else []
        return cls(
            by_id={operation["id"]: operation["body"] for operation in operations},
            printed=frozenset(_printed(parse(operation["body"])) for operation in operations),
        )

    def text(self, document_id: str) -> str | None:
        """The operation of an id, with or without the prefix sha256:."""
        return self.by_id.get(document_id.removeprefix("sha256:"))

    def holds(self, document: DocumentNode) -> bool:
        """Whether a parsed document is one of them."""
        return _printed(document) in self.printed


def _printed(document: DocumentNode) -> str:
    return hashlib.sha256(print_ast(document).encode()).hexdigest()


def not_registered() -> Ours:
    """The document is not one of the registered."""
    return Ours("PERSISTED_DOCUMENT_NOT_FOUND", "DOCUMENT_NOT_REGISTERED")


@dataclass(frozen=True, slots=True)
class _Size:
    """What a selection asks for with its fragments unfolded. `here` counts its own fields, the others all below."""

    here: int = 0
    depth: int = 0
    aliases: int = 0
    nodes: int = 0

    def __add__(self, other: "_Size") -> "_Size":
        return _Size(
            self.here + other.here,
            max(self.depth, other.depth),
            self.aliases + other.aliases,
            self.nodes + other.nodes,
        )


class _Measure:
    """Sizes of one document's selections. Each fragment is measured once, however often it is spread."""

    def __init__(self, document: DocumentNode, schema: GraphQLSchema) -> None:
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._schema = schema
        self._known: dict[str, _Size] = {}

    def of(self, selected: SelectionSetNode, on: GraphQLNamedType | None) -> _Size:
        """The size of a selection on a type; None where the contract has no such type, which another rule says."""
        size = _Size()
        for node in selected.selections:
            if isinstance(node, FieldNode):
                size += self._field(node, on)
            elif isinstance(node, FragmentSpreadNode):
                size += self._fragment(node.name.value)
            elif isinstance(node, InlineFragmentNode):
                named = node.type_condition
                size += self.of(node.selection_set, self._type(named.name.value) if named else on)
        return size

    def _field(self, node: FieldNode, on: GraphQLNamedType | None) -> _Size:
        aliased = int(node.alias is not None)
        if node.selection_set is None or node.name.value.startswith("__"):
            return _Size(1, 0, aliased, 0)
        field = getattr(on, "fields", {}).get(node.name.value)
        below = self.of(node.selection_set, get_named_type(field.type) if field else None)
        entries = _page(node) if field and "first" in field.args else ENTRIES.get(f"{on}.{node.name.value}")
        nodes = below.nodes if entries is None else entries * (1 + below.nodes)
        return _Size(1, 1 + below.depth, aliased + below.aliases, nodes)

    def _fragment(self, name: str) -> _Size:
        if name not in self._known:
            self._known[name] = _Size()  # met again inside itself, or unknown: another rule says so
            if name in self._fragments:
                found = self._fragments[name]
                self._known[name] = self.of(found.selection_set, self._type(found.type_condition.name.value))
        return self._known[name]

    def _type(self, name: str) -> GraphQLNamedType | None:
        return self._schema.type_map.get(name)


def _page(node: FieldNode) -> int:
    """How many nodes a connection may give: what is asked for, or the most while that is a variable."""
    sizes = [argument.value for argument in node.arguments or () if argument.name.value == "first"]
    if not sizes:
        return PAGE_DEFAULT
    asked = sizes[0].value if isinstance(sizes[0], IntValueNode) else ""
    return int(asked) if asked.isdigit() and len(asked) <= len(str(PAGE_MAX)) else PAGE_MAX


class _Bounds(ASTValidationRule):
    """A document is bounded in what it asks for, not in its bytes: a limit a request counts acts, not requests."""

    def __init__(self, context: ASTValidationContext) -> None:
        super().__init__(context)
        document = context.document
        fragments = sum(isinstance(node, FragmentDefinitionNode) for node in document.definitions)
        if fragments > FRAGMENTS_MAX:
            self.report_error(bad_request("FRAGMENTS_MANY", most=FRAGMENTS_MAX))
            return
        schema = cast("ValidationContext", context).schema  # an operation is validated with one
        measure = _Measure(document, schema)
        for node in document.definitions:
            if isinstance(node, OperationDefinitionNode):
                self._check(measure.of(node.selection_set, schema.get_root_type(node.operation)))

    def _check(self, size: _Size) -> None:
        for found, most, word in (
            (size.here, ROOT_FIELDS_MAX, "ROOT_FIELDS_MANY"),
            (size.depth, DEPTH_MAX, "LEVELS_MANY"),
            (size.aliases, ALIASES_MAX, "ALIASES_MANY"),
            (size.nodes, NODES_MAX, "ENTRIES_MANY"),
        ):
            if found > most:
                self.report_error(bad_request(word, most=most))


def _trusted_rule(trusted: TrustedDocuments) -> type[ASTValidationRule]:
    class Registered(ASTValidationRule):
        """Only registered documents pass."""

        def __init__(self, context: ASTValidationContext) -> None:
            super().__init__(context)
            if not trusted.holds(context.document):
                context.report_error(not_registered())

    return Registered


def gates(trusted: TrustedDocuments | None) -> list[type[SchemaExtension] | SchemaExtension]:
    """The extensions that bound a document; `trusted` closes the contract to registered ones.

    The rules are built once: rules made anew for each request would miss the validation cache every time.
    """
    rules: list[type[ASTValidationRule]] = [_Bounds]
    if trusted is not None:
        rules.insert(0, _trusted_rule(trusted))

    class Limits(AddValidationRules):
        def __init__(self) -> None:
            super().__init__(rules)

    class Tokens(MaxTokensLimiter):
        def __init__(self) -> None:
            super().__init__(max_token_count=TOKENS_MAX)

    class Parsed(ParserCache):
        def __init__(self) -> None:
            super().__init__(maxsize=CACHED_DOCUMENTS_MAX)

        def on_parse(self) -> Iterator[None]:
            """Keep what parses; what does not is parsed again where its error is answered like any other."""
            context = self.execution_context
            with suppress(GraphQLError):
                context.graphql_document = self.cached_parse_document(context.query, **context.parse_options)
            yield

    class Validated(ValidationCache):
        def __init__(self) -> None:
            super().__init__(maxsize=CACHED_DOCUMENTS_MAX)

    return [Parsed, Limits, Tokens, Validated]
