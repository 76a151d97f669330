"""The scorer: verified artefacts in, an integer score and its reasons out. It blocks: call it off the event loop."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from app.domain.deciding.behaviour import DataSource
from ml.features import FEATURES, FULL_INDEX, NAMES, OVER_INCOME, OWN_INDEX, SEEN_FLAG, Feature
from ml.manifest import MANIFEST_FILE, Manifest, ModelEntry, ModelName, current_specs
from ml.scale import probability_of, score_of

if TYPE_CHECKING:
    from catboost import CatBoost

INDEX = {name: i for i, name in enumerate(NAMES)}
MAX_ARTEFACT_BYTES = 4 * 1024 * 1024
SHAP_PLACES = 9
NEVER_TOLD = 0.0


class ArtefactMismatch(Exception):
    """An artefact is missing, is not the one that the manifest names, or speaks of other features."""


class VectorInvalid(ValueError):
    """A vector that no model may see: wrong length, not a number, or out of its range."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A score 300..900 (higher is better) and the calibrated probability of bad behind it.

    `contributions` are log odds of bad by feature, the strongest against the applicant first, those in favour last.
    """

    score: int
    probability: float
    model_version: str
    contributions: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class _Loaded:
    """One model in memory, and which columns of the vector it reads."""

    model: "CatBoost"
    entry: ModelEntry
    columns: tuple[int, ...]
    version: str


class Scorer:
    """Two models behind one door: `own` before the bureau is asked, `full` with its file."""

    def __init__(self, own: _Loaded, full: _Loaded) -> None:
        self._own, self._full = own, full

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The scorer of a folder of artefacts; no byte reaches the library before its digest is proved.

        Raises:
            ArtefactMismatch: a file is missing or altered, or the manifest is of other features than the code.
        """
        try:
            manifest = Manifest.model_validate_json((folder / MANIFEST_FILE).read_bytes())
        except (OSError, ValidationError) as error:
            raise ArtefactMismatch(f"no readable {MANIFEST_FILE} in {folder.name}") from error
        if manifest.features != current_specs():
            raise ArtefactMismatch("the manifest describes other features than this code makes")
        return cls(_load(folder, manifest, "own"), _load(folder, manifest, "full"))

    @property
    def model_version(self) -> str:
        """The version of both models, as told on the artefacts."""
        return self._full.version.partition("/")[0]

    @property
    def digests(self) -> dict[str, str]:
        """The SHA-256 of each model's file, by name."""
        return {"own": self._own.entry.sha256, "full": self._full.entry.sha256}

    def score_own(self, vector: Sequence[float]) -> Scored:
        """The score on own data alone; the bureau's part of the vector is not read.

        Raises:
            VectorInvalid: the vector is not one of `ml.features`.
        """
        return _scored(self._own, _checked(vector))

    def score_full(self, vector: Sequence[float]) -> Scored:
        """The score on own data and the bureau's file.

        Raises:
            VectorInvalid: the vector is not one of `ml.features`, or was made without a file.
        """
        row = _checked(vector)
        if row[INDEX["has_file"]] != 1:
            raise VectorInvalid("the full model needs a bureau file, and this vector was made without one")
        return _scored(self._full, row)


def _load(folder: Path, manifest: Manifest, name: ModelName) -> _Loaded:
    entry = manifest.models.get(name)
    if entry is None:
        raise ArtefactMismatch(f"the manifest has no model {name!r}")
    columns = OWN_INDEX if name == "own" else FULL_INDEX
    if entry.features != tuple(NAMES[i] for i in columns):
        raise ArtefactMismatch(f"model {name!r} reads other features than this code makes")
    path = folder / entry.file
    try:
        size = path.stat().st_size
        blob = path.read_bytes() if size <= MAX_ARTEFACT_BYTES else b""
    except OSError as error:
        raise ArtefactMismatch(f"no readable {entry.file} in {folder.name}") from error
    if hashlib.sha256(blob).hexdigest() != entry.sha256:
        raise ArtefactMismatch(f"{entry.file} is not the file that the manifest names")
    from catboost import CatBoost  # late: it takes seconds, and most verbs of the command line never score

    # The very bytes that were proved: reading the file a second time could read another file.
    model = CatBoost().load_model(blob=blob)
    return _Loaded(model, entry, columns, f"{manifest.version}/{name}")


def _checked(vector: Sequence[object]) -> tuple[float, ...]:
    """The vector, proved: the library itself would take NaN, infinity and surplus numbers in silence."""
    if len(vector) != len(FEATURES):
        raise VectorInvalid(f"a vector has {len(FEATURES)} numbers, not {len(vector)}")
    row: list[float] = []
    for feature, value in zip(FEATURES, vector, strict=True):
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise VectorInvalid(f"{feature.name} is not a finite number: {value!r}")
        if not 0 <= value <= feature.ceiling:
            raise VectorInvalid(f"{feature.name} is outside 0..{feature.ceiling:g}: {value!r}")
        row.append(float(value))
    return tuple(row)


def _scored(loaded: _Loaded, row: tuple[float, ...]) -> Scored:
    cells: NDArray[np.float32] = np.array([[row[i] for i in loaded.columns]], dtype=np.float32)
    raw = float(loaded.model.predict(cells, prediction_type="RawFormulaVal", thread_count=1)[0])
    calibration = loaded.entry.calibration
    probability = probability_of(raw, slope=calibration.slope, intercept=calibration.intercept)
    from catboost import Pool

    # One row a pool: in a monotone model the values of a row would depend on the others beside it.
    shap = loaded.model.get_feature_importance(Pool(cells), type="ShapValues", thread_count=1)[0][:-1]
    told = _told(loaded.columns, row, [float(value) for value in shap])
    return Scored(score_of(probability), probability, loaded.version, told)


def _told(columns: tuple[int, ...], row: tuple[float, ...], shap: Sequence[float]) -> tuple[tuple[str, float], ...]:
    """Contributions by name, made fit to be told to a person.

    What a neutral value adds is told of the flag that says the data is not there: nobody hears of late bills whose
    bills were never seen. What cannot be better is never told against the applicant.
    """
    sums: dict[str, float] = {FEATURES[i].name: 0.0 for i in columns}
    for i, value in zip(columns, shap, strict=True):
        sums[_teller(FEATURES[i], row)] += min(value, NEVER_TOLD) if _blameless(FEATURES[i], row[i]) else value
    rounded = ((name, round(value, SHAP_PLACES)) for name, value in sums.items())
    return tuple(sorted(rounded, key=lambda pair: (-pair[1], pair[0])))


def _blameless(feature: Feature, value: float) -> bool:
    """Whether the number is at its best, or of a source that nobody has to connect."""
    if feature.source is DataSource.SOCIAL:
        return True
    return feature.direction != 0 and value == (0 if feature.direction > 0 else feature.ceiling)


def _teller(feature: Feature, row: tuple[float, ...]) -> str:
    """The feature that a contribution is told of: itself, or the flag of what is missing."""
    if feature.source in SEEN_FLAG and row[INDEX[SEEN_FLAG[feature.source]]] == 0:
        return SEEN_FLAG[feature.source]
    if feature.block == "bureau" and row[INDEX["no_record"]] == 1 and not feature.name.startswith("queries_"):
        return "no_record"
    if feature.name in OVER_INCOME and row[INDEX["has_payments"]] == 0:
        return "has_payments"
    return feature.name
