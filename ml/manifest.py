"""What lies beside the artefacts: what they are, how they were made, how well they do."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from ml.features import FEATURES, Feature

MANIFEST_FILE = "manifest.json"
ModelName = Literal["own", "full"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class FeatureSpec(_Part):
    """All that must be the same in training and in serving for a number to mean the same."""

    name: str
    direction: Literal[-1, 0, 1]
    block: Literal["own", "bureau"]
    neutral: float
    ceiling: float

    @classmethod
    def of(cls, feature: Feature) -> Self:
        """The spec of a feature of the code."""
        return cls(
            name=feature.name,
            direction=feature.direction,
            block=feature.block,
            neutral=feature.neutral,
            ceiling=feature.ceiling,
        )


class Calibration(_Part):
    """Platt: log odds of bad = slope * raw + intercept."""

    slope: float = Field(gt=0)
    intercept: float


class Measures(_Part):
    """How well a model does on some rows: rank order (AUC, KS) and truth of probabilities (Brier, ECE)."""

    rows: int
    bad: int
    auc: float
    ks: float
    brier: float
    ece: float


class ModelEntry(_Part):
    """One model file."""

    file: str = Field(pattern=r"^[a-z]+\.cbm$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    features: tuple[str, ...]
    calibration: Calibration
    metrics: dict[str, Measures]


class Scale(_Part):
    """How a probability becomes a score."""

    base_score: int
    base_odds: int
    points_to_double: int
    lowest: int
    highest: int


class Manifest(_Part):
    """The whole manifest, as stored in `manifest.json`."""

    schema_id: Literal["clearline.scoring/1"] = Field(alias="schema")
    version: str
    seed: int
    people: int
    rows: dict[str, int]
    data_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    library: str
    params: dict[str, int | float | str | bool]
    features: tuple[FeatureSpec, ...]
    scale: Scale
    models: dict[ModelName, ModelEntry]


def current_specs() -> tuple[FeatureSpec, ...]:
    """The specs of the features as the code has them now."""
    return tuple(FeatureSpec.of(feature) for feature in FEATURES)
