"""Documents to begin from, and the ways in which a test may spoil one."""

import json
from collections.abc import Callable
from typing import Any

from app.domain.policies.document import document_of
from tests.domain.deciding.cases import SALARIED, SMALL_BUSINESS

Document = dict[str, Any]
Spoil = Callable[[Document], None]


def salaried() -> Document:
    return json.loads(json.dumps(document_of(SALARIED)))  # type: ignore[no-any-return]


def small_business() -> Document:
    return json.loads(json.dumps(document_of(SMALL_BUSINESS)))  # type: ignore[no-any-return]


def place(document: Any, path: str) -> tuple[Any, Any]:
    """The container and the key of a JSON pointer."""
    *way, last = path.removeprefix("/").split("/")
    for step in way:
        document = document[int(step) if isinstance(document, list) else step]
    return document, int(last) if isinstance(document, list) else last


def with_(**changes: Any) -> Spoil:
    """Put values at pointers; `_` stands for `/`, so that they can be keywords."""

    def spoil(document: Document) -> None:
        for path, value in changes.items():
            holder, key = place(document, path.replace("__", "/"))
            holder[key] = value

    return spoil


def spoilt(spoil: Spoil, document: Document | None = None) -> str:
    told = document or salaried()
    spoil(told)
    return json.dumps(told)
