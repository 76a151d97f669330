"""The privacy register as it is shown: declarations, no row of anybody."""

from typing import TypeAlias

from models.register.kinds import Table
from models.register.tables import IN_CLEAR, REGISTER

DeclaredTable: TypeAlias = Table


def register() -> tuple[DeclaredTable, ...]:
    """Every table, as it is declared."""
    return tuple(REGISTER.values())


def why_in_clear(table: str, column: str) -> str | None:
    """Why a personal column is not sealed, where it needs a reason."""
    return IN_CLEAR.get((table, column))
