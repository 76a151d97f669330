"""What changed from one policy to the next, member by member."""

from dataclasses import dataclass

from app.domain.deciding.policy import Policy
from app.domain.policies.document import document_of


@dataclass(frozen=True, slots=True)
class Difference:
    """One member that is not as before; None where it is not there. Grades are told by their names."""

    path: str
    before: str | None
    after: str | None


def differences(before: Policy | None, after: Policy) -> tuple[Difference, ...]:
    """Every member that differs, by its path; all of them for the first policy of a segment."""
    old = _flat(before) if before else {}
    new = _flat(after)
    return tuple(
        Difference(path, old.get(path), new.get(path))
        for path in sorted(old.keys() | new.keys())
        if old.get(path) != new.get(path)
    )


def _flat(policy: Policy) -> dict[str, str]:
    told = document_of(policy)
    grades = told.pop("grades")
    if isinstance(grades, list):
        told["grades"] = {grade["name"]: {**grade, "name": None} for grade in grades}
    return dict(_members("", told))


def _members(path: str, value: object) -> list[tuple[str, str]]:
    match value:
        case dict():
            return [found for name, inner in value.items() for found in _members(f"{path}/{name}", inner)]
        case list():
            return [(path, ", ".join(str(word) for word in value))]
        case None:
            return []
        case _:
            return [(path, str(value))]
