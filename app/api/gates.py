"""What a document may be: bounded in tokens, depth and aliases; and, in the trusted contract, registered."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from graphql import ASTValidationRule, DocumentNode, GraphQLError, OperationDefinitionNode, parse, print_ast
from graphql.validation import ASTValidationContext
from strawberry.extensions import AddValidationRules, MaxTokensLimiter, ParserCache, SchemaExtension, ValidationCache
from strawberry.extensions.max_aliases import create_validator as alias_validator
from strawberry.extensions.query_depth_limiter import create_validator as depth_validator

TOKENS_MAX = 1500
DEPTH_MAX = 12
ALIASES_MAX = 15
ROOT_FIELDS_MAX = 20
CACHED_DOCUMENTS_MAX = 500
TRUSTED_FILE = Path(__file__).resolve().parents[2] / "graphql" / "trusted.json"


@dataclass(frozen=True, slots=True)
class TrustedDocuments:
    """The registered operations: by id, and by their printed form, which white space does not change."""

    by_id: dict[str, str]
    printed: frozenset[str]

    @classmethod
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


def not_registered() -> GraphQLError:
    """The document is not one of the registered."""
    return GraphQLError(
        "Only registered operations are served here.", extensions={"code": "PERSISTED_DOCUMENT_NOT_FOUND"}
    )


class _RootFields(ASTValidationRule):
    """The number of root fields of an operation is bounded: a limit per request counts acts, not requests."""

    def enter_operation_definition(self, node: OperationDefinitionNode, *_args: object) -> None:
        """Count the operation's own root selections."""
        if len(node.selection_set.selections) > ROOT_FIELDS_MAX:
            self.report_error(
                GraphQLError(f"At most {ROOT_FIELDS_MAX} root fields.", node, extensions={"code": "BAD_REQUEST"})
            )


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
    rules: list[type[ASTValidationRule]] = [
        depth_validator(DEPTH_MAX, None, None),
        alias_validator(ALIASES_MAX),
        _RootFields,
    ]
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

    class Validated(ValidationCache):
        def __init__(self) -> None:
            super().__init__(maxsize=CACHED_DOCUMENTS_MAX)

    return [Parsed, Limits, Tokens, Validated]
