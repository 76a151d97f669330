from datetime import date

import pytest

from app.domain.deciding.behaviour import DataSource
from ml.features import vector
from ml.serving.scorer import Scorer
from ml.training.__main__ import ML_FOLDER
from ml.training.book import BookRow, make_book
from ml.training.run import Run, run

ARTIFACTS = ML_FOLDER / "artifacts"
ALL_SOURCES = frozenset(DataSource)
AS_OF = date(2026, 11, 20)
# The artefacts are trained on another seed: these people were never seen.
UNSEEN_SEED = 77


@pytest.fixture(scope="session")
def scorer() -> Scorer:
    return Scorer.load(ARTIFACTS)


@pytest.fixture(scope="session")
def book() -> list[BookRow]:
    return list(make_book(400, UNSEEN_SEED))


@pytest.fixture(scope="session")
def vectors(book: list[BookRow]) -> list[tuple[float, ...]]:
    return [vector(row.events, row.sources, row.file, row.applicant, row.as_of) for row in book]


@pytest.fixture(scope="session")
def small_run() -> Run:
    return run(people=500, seed=5, iterations=15)
