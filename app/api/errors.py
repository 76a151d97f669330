"""Top-level errors: only what the whole request did wrong, or a fault of ours, masked, with a reference.

Those whose words are ours are told in the caller's language; where the library speaks, it speaks English.
"""

import re
import secrets

import structlog
from graphql import FieldNode, GraphQLError
from strawberry.extensions import MaskErrors

from app.api import words
from app.api.observe import FAULTS

_log = structlog.get_logger("api")
_REFERENCE_BYTES = 6
LIBRARY_LANGUAGE = "en"

# The library's messages quote what was sent, and that may be a person's number: only names of a contract may stay.
_AFTER_WHICH_VALUES_STAND = (
    (re.compile(r"(cannot represent [^:]*):.*", re.DOTALL), r"\1."),
    (re.compile(r",? found:? .*", re.DOTALL), "."),
    (re.compile(r"^(Unknown operation) named .*", re.DOTALL), r"\1."),
    (re.compile(r"^(Syntax Error: Unexpected [A-Za-z ]+) .*", re.DOTALL), r"\1."),
)
_QUOTED = re.compile(r"""(?<!\w)(['"])(.*?)\1""", re.DOTALL)
_NAME = re.compile(r"[$\[@]?[A-Za-z_][\w.\[\]! {}]*", re.ASCII)


class Ours(GraphQLError):
    """An error in our words: a word of the catalogue and its facts, put into a language where the answer is made."""

    def __init__(self, code: str, word: str, **facts: object) -> None:
        super().__init__(words.say(LIBRARY_LANGUAGE, "error", word, **facts), extensions={"code": code})
        self.word = word
        self.facts = facts


def bad_request(word: str, **facts: object) -> Ours:
    """What the caller can mend."""
    return Ours("BAD_REQUEST", word, **facts)


def in_language(error: GraphQLError, language: str) -> GraphQLError:
    """The error in the caller's language, if its words are ours; a new one, for validation keeps errors for others."""
    ours = error if isinstance(error, Ours) else error.original_error
    if not isinstance(ours, Ours):
        return error
    told = words.say(language, "error", ours.word, **ours.facts)
    return GraphQLError(told, None, error.source, error.positions, error.path, extensions=error.extensions)


class Faults(MaskErrors):
    """Masks what we did not expect; leaves what the caller can mend. In the trusted contract, no name leaks."""

    def __init__(self, *, hide_names: bool) -> None:
        super().__init__(should_mask_error=lambda _error: True)
        self._hide_names = hide_names

    def anonymise_error(self, error: GraphQLError) -> GraphQLError:
        """The error as the caller may see it."""
        shown = as_shown(error, hide_names=self._hide_names)
        context = self.execution_context.context
        return in_language(shown, context.language) if context is not None else shown


def as_shown(error: GraphQLError, *, hide_names: bool) -> GraphQLError:
    """The error without what the caller must not see; `hide_names` also leaves out the names of the contract."""
    cause = error.original_error
    if cause is not None and not isinstance(cause, GraphQLError):
        return masked(cause, error)
    if (error.extensions or {}).get("code") is not None:
        return error
    if hide_names:
        shown: GraphQLError = bad_request("DOES_NOT_FIT")
        shown.source, shown.positions, shown.path = error.source, error.positions, error.path
        return shown
    message = without_values(error.message)
    return GraphQLError(message, None, error.source, error.positions, error.path, extensions={"code": "BAD_REQUEST"})


def masked(cause: BaseException, error: GraphQLError | None = None) -> GraphQLError:
    """A fault of ours as the caller may see it; what it was goes to the log, under the same reference.

    The log names the field and not the path, for aliases are the caller's own words.
    """
    reference = secrets.token_hex(_REFERENCE_BYTES)
    FAULTS.labels(type(cause).__name__).inc()
    nodes = (error.nodes if error is not None else None) or ()
    field = next((node.name.value for node in nodes if isinstance(node, FieldNode)), "")
    _log.error("fault", reference=reference, path=field, fault=type(cause).__name__, exc_info=cause)
    shown = Ours("INTERNAL", "OUR_FAULT", reference=reference)
    shown.extensions = {"code": "INTERNAL", "reference": reference}
    shown.path = error.path if error is not None else None
    return shown


def without_values(message: str) -> str:
    """A message of the library with what was sent taken out of it."""
    for pattern, instead in _AFTER_WHICH_VALUES_STAND:
        message = pattern.sub(instead, message)
    return _QUOTED.sub(lambda quoted: quoted[0] if _NAME.fullmatch(quoted[2]) else "'…'", message)
