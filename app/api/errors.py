"""Top-level errors: only what the whole request did wrong, or a fault of ours, masked, with a reference."""

import secrets

import structlog
from graphql import GraphQLError
from strawberry.extensions import MaskErrors

from app.api.observe import FAULTS

_log = structlog.get_logger("api")
_REFERENCE_BYTES = 6


class Faults(MaskErrors):
    """Masks what we did not expect; leaves what the caller can mend. In the trusted contract, no name leaks."""

    def __init__(self, *, hide_names: bool) -> None:
        super().__init__(should_mask_error=lambda _error: True)
        self._hide_names = hide_names

    def anonymise_error(self, error: GraphQLError) -> GraphQLError:
        """The error as the caller may see it."""
        cause = error.original_error
        if cause is not None and not isinstance(cause, GraphQLError):
            return self._fault(error, cause)
        code = (error.extensions or {}).get("code")
        if code is not None:
            return error
        if self._hide_names:
            return GraphQLError(
                "The operation or its variables do not fit the contract.", extensions={"code": "BAD_REQUEST"}
            )
        error.extensions = {**(error.extensions or {}), "code": "BAD_REQUEST"}
        return error

    @staticmethod
    def _fault(error: GraphQLError, cause: BaseException) -> GraphQLError:
        reference = secrets.token_hex(_REFERENCE_BYTES)
        FAULTS.labels(type(cause).__name__).inc()
        path = ".".join(str(part) for part in error.path or ())
        _log.error("fault", reference=reference, path=path, fault=type(cause).__name__, exc_info=cause)
        return GraphQLError(
            f"Something failed on our side. Quote the reference {reference}.",
            path=error.path,
            extensions={"code": "INTERNAL", "reference": reference},
        )
