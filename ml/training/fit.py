"""Training: the matrix of a book, the split, two monotone models, and bytes that come out the same each time."""

import hashlib
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from catboost import CatBoost, Pool

from app.domain.deciding.behaviour import DataSource
from ml.features import FEATURES, FULL_INDEX, NAMES, OWN_INDEX, vector
from ml.manifest import Calibration, Measures, ModelName
from ml.scale import probability_of
from ml.training.book import BOOK_START, BookRow
from ml.training.measures import Bools, Floats, measures, platt

INDEX_OF: dict[ModelName, tuple[int, ...]] = {"own": OWN_INDEX, "full": FULL_INDEX}
CALIBRATE_FROM = BOOK_START + timedelta(days=600)
TEST_FROM = BOOK_START + timedelta(days=820)
# One count of threads is part of the recipe: another count trains other trees.
THREADS = 2
PARAMS: dict[str, int | float | str | bool] = {
    "loss_function": "Logloss",
    "iterations": 260,
    "depth": 4,
    "learning_rate": 0.05,
    "l2_leaf_reg": 8.0,
    "bootstrap_type": "Bernoulli",
    "subsample": 0.8,
    "boosting_type": "Plain",
    "thread_count": THREADS,
}
# What the library writes anew at each run; held still so that equal training gives equal bytes.
STILL = {"model_guid": "clearline", "train_finish_time": "1970-01-01T00:00:00Z"}


@dataclass(frozen=True, slots=True)
class Table:
    """A book as numbers: one row an application, columns as `FEATURES`."""

    x: Floats
    bad: Bools
    person: tuple[int, ...]
    as_of: tuple[date, ...]
    social: Bools

    @classmethod
    def of(cls, rows: Iterable[BookRow]) -> "Table":
        """The table of a book, by the vector that serving makes."""
        x, bad, person, as_of, social = [], [], [], [], []
        for row in rows:
            x.append(vector(row.events, row.sources, row.file, row.applicant, row.as_of))
            bad.append(row.bad)
            person.append(row.person)
            as_of.append(row.as_of)
            social.append(DataSource.SOCIAL in row.sources)
        return cls(np.array(x), np.array(bad, dtype=bool), tuple(person), tuple(as_of), np.array(social, dtype=bool))

    def digest(self) -> str:
        """SHA-256 over names, numbers and outcomes."""
        digest = hashlib.sha256("\n".join(NAMES).encode())
        digest.update(self.x.astype("<f8").tobytes())
        digest.update(self.bad.tobytes())
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Split:
    """Row masks: later time for each next part, and no person in two of them."""

    train: Bools
    calibrate: Bools
    test: Bools


def split(table: Table) -> Split:
    """Three parts by time; a later row of a person already met in an earlier part is left out."""
    part = np.array([sum(day >= since for since in (CALIBRATE_FROM, TEST_FROM)) for day in table.as_of])
    first: dict[int, int] = {}
    for person, number in zip(table.person, part, strict=True):
        first[person] = min(first.get(person, number), number)
    alone = np.array([first[person] == number for person, number in zip(table.person, part, strict=True)])
    return Split(*((part == number) & alone for number in range(3)))


@dataclass(frozen=True, slots=True)
class Trained:
    """A model as bytes, with its calibration and how well it does on the test part."""

    blob: bytes
    calibration: Calibration
    metrics: dict[str, Measures]


def train(table: Table, name: ModelName, seed: int, params: dict[str, int | float | str | bool]) -> Trained:
    """One monotone model of the named columns, calibrated and measured on later people.

    Raises:
        ValueError: the book is too small to hold good and bad in every part.
    """
    columns, parts = list(INDEX_OF[name]), split(table)
    model = CatBoost(
        params
        | {
            "random_seed": seed,
            "monotone_constraints": [FEATURES[i].direction for i in columns],
            "allow_writing_files": False,
            "verbose": False,
        }
    )
    x = table.x[:, columns]
    names = [NAMES[i] for i in columns]
    model.fit(Pool(x[parts.train], table.bad[parts.train].astype(int), feature_names=names))
    raw = np.asarray(model.predict(x, prediction_type="RawFormulaVal", thread_count=THREADS), dtype=np.float64)
    calibration = platt(table.bad[parts.calibrate], raw[parts.calibrate])
    without = x.copy()
    without[:, names.index("vouches")] = 0
    raw_without = np.asarray(
        model.predict(without, prediction_type="RawFormulaVal", thread_count=THREADS), dtype=np.float64
    )
    metrics = _metrics(table, parts.test, _calibrated(raw, calibration), _calibrated(raw_without, calibration))
    return Trained(_still_bytes(model), calibration, metrics)


def _calibrated(raw: Floats, calibration: Calibration) -> Floats:
    return np.array([probability_of(float(r), slope=calibration.slope, intercept=calibration.intercept) for r in raw])


def _metrics(table: Table, test: Bools, chance: Floats, without: Floats) -> dict[str, Measures]:
    """On the test part: all rows, each segment, and the rows that connect SOCIAL with it and with it put out."""
    business = table.x[:, NAMES.index("small_business")] == 1
    social = test & table.social
    return {
        "all": measures(table.bad[test], chance[test]),
        "all, SOCIAL put out": measures(table.bad[test], without[test]),
        "salaried": measures(table.bad[test & ~business], chance[test & ~business]),
        "small business": measures(table.bad[test & business], chance[test & business]),
        "SOCIAL connected": measures(table.bad[social], chance[social]),
        "SOCIAL connected, put out": measures(table.bad[social], without[social]),
    }


def _still_bytes(model: CatBoost) -> bytes:
    metadata = model.get_metadata()
    for key, value in STILL.items():
        metadata[key] = value
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.cbm")
        model.save_model(str(path))
        return path.read_bytes()
