"""Top-level errors: only what the whole request did wrong, or a fault of ours, masked, with a reference."""

import re
import secrets

import structlog
from graphql import FieldNode, GraphQLError
from strawberry.extensions import MaskErrors

from app.api.observe import FAULTS

_log = structlog.get_logger("api")
_REFERENCE_BYTES = 6

# The library's messages quote what was sent, and that may be a person's number: only names of a contract may stay.
_AFTER_WHICH_VALUES_STAND = (
    (re.compile(r"(cannot represent [^:]*):.*", re.DOTALL), r"\1."),
    (re.compile(r",? found:? .*", re.DOTALL), "."),
    (re.compile(r"^(Unknown operation) named .*", re.DOTALL), r"\1."),
    (re.compile(r"^(Syntax Error: Unexpected [A-Za-z ]+) .*", re.DOTALL), r"\1."),
)
_QUOTED = re.compile(r"""(?<!\w)(['"])(.*?)\1""", re.DOTALL)
_NAME = re.compile(r"[$\[@]?[A-Za-z_][\w.\[\]! {}]*", re.ASCII)


class Faults(MaskErrors):
    """Masks what we did not expect; leaves what the caller can mend. In the trusted contract, no name leaks."""

    def __init__(self, *, hide_names: bool) -> None:
        super().__init__(should_mask_error=lambda _error: True)
        self._hide_names = hide_names

    def anonymise_error(self, error: GraphQLError) -> GraphQLError:
        """The error as the caller may see it."""
        cause = error.original_error
        if cause is not None and not isinstance(cause, GraphQLError):
            return masked(cause, error)
        code = (error.extensions or {}).get("code")
        if code is not None:
            return error
        message = "The operation or its variables do not fit the contract."
        if not self._hide_names:
            message = without_values(error.message)
        return GraphQLError(
            message, None, error.source, error.positions, error.path, extensions={"code": "BAD_REQUEST"}
        )


def masked(cause: BaseException, error: GraphQLError | None = None) -> GraphQLError:
    """A fault of ours as the caller may see it; what it was goes to the log, under the same reference.

    The log names the field and not the path, for aliases are the caller's own words.
    """
    reference = secrets.token_hex(_REFERENCE_BYTES)
    FAULTS.labels(type(cause).__name__).inc()
    nodes = (error.nodes if error is not None else None) or ()
    field = next((node.name.value for node in nodes if isinstance(node, FieldNode)), "")
    _log.error("fault", reference=reference, path=field, fault=type(cause).__name__, exc_info=cause)
    return GraphQLError(
        f"Something failed on our side. Quote the reference {reference}.",
        path=error.path if error is not None else None,
        extensions={"code": "INTERNAL", "reference": reference},
    )


def without_values(message: str) -> str:
    """A message of the library with what was sent taken out of it."""
    for pattern, instead in _AFTER_WHICH_VALUES_STAND:
        message = pattern.sub(instead, message)
    return _QUOTED.sub(lambda quoted: quoted[0] if _NAME.fullmatch(quoted[2]) else "'…'", message)
