"""A migration is cut into its statements where they end, and not inside a body."""

import pytest

from models.migrate import MigrationFault, on_disk, statements

TRIGGER = "CREATE TRIGGER a BEFORE UPDATE ON t\nBEGIN\n    SELECT 1;\n    SELECT 2;\nEND"
FUNCTION = (
    "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n    RAISE 'no';\n    RETURN NEW;\nEND\n$$"
)
PLAIN_TRIGGER = "CREATE TRIGGER a BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f()"


def test_statements_end_at_semicolons_and_remarks_are_dropped() -> None:
    assert statements("-- a remark; with a semicolon\nSELECT 1;\n\n  -- another\nSELECT 2;;\n") == [
        "SELECT 1",
        "SELECT 2",
    ]
    assert statements("-- nothing\n") == []


@pytest.mark.parametrize("whole", [TRIGGER, FUNCTION, PLAIN_TRIGGER])
def test_a_body_stays_whole_between_its_neighbours(whole: str) -> None:
    assert statements(f"SELECT 1;\n{whole};\nSELECT 2;\n") == ["SELECT 1", whole, "SELECT 2"]


@pytest.mark.parametrize("whole", [TRIGGER, FUNCTION])
def test_a_body_that_does_not_end_is_told(whole: str) -> None:
    with pytest.raises(MigrationFault, match="does not end"):
        statements(f"{whole.rpartition('END')[0]};\nSELECT 2;\n")


def test_both_dialects_have_the_same_steps() -> None:
    steps = [[(step.number, step.name) for step in on_disk(dialect)] for dialect in ("sqlite", "postgres")]
    assert steps[0] == steps[1]
