"""One run of training: a book, two models, the manifest and the card, as bytes and on disk."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import catboost

from ml import scale
from ml.features import NAMES
from ml.manifest import MANIFEST_FILE, Manifest, ModelEntry, ModelName, Scale, current_specs
from ml.training.book import make_book
from ml.training.card import card
from ml.training.fit import INDEX_OF, PARAMS, Table, Trained, split, train

VERSION = "cl-2026.11"
DEFAULT_PEOPLE = 12_000
DEFAULT_SEED = 2026


@dataclass(frozen=True, slots=True)
class Run:
    """All that a run makes."""

    manifest: Manifest
    blobs: dict[ModelName, bytes]

    def manifest_bytes(self) -> bytes:
        """The manifest as it is stored."""
        return (self.manifest.model_dump_json(by_alias=True, indent=1) + "\n").encode()

    def write(self, out: Path, card_file: Path) -> None:
        """Store models, manifest and card; the manifest last, so that a broken run is refused at loading."""
        out.mkdir(parents=True, exist_ok=True)
        for name, blob in self.blobs.items():
            (out / self.manifest.models[name].file).write_bytes(blob)
        card_file.write_text(card(self.manifest), encoding="utf-8")
        (out / MANIFEST_FILE).write_bytes(self.manifest_bytes())


def run(people: int, seed: int, iterations: int | None = None) -> Run:
    """Train both models on the book of a seed; `iterations` shortens the training for a trial.

    Raises:
        ValueError: the book is too small to hold good and bad in every part.
    """
    params = PARAMS if iterations is None else PARAMS | {"iterations": iterations}
    table = Table.of(make_book(people, seed))
    trained: dict[ModelName, Trained] = {name: train(table, name, seed, params) for name in INDEX_OF}
    parts = split(table)
    manifest = Manifest(
        schema="clearline.scoring/1",
        version=VERSION,
        seed=seed,
        people=people,
        rows={
            "train": int(parts.train.sum()),
            "calibrate": int(parts.calibrate.sum()),
            "test": int(parts.test.sum()),
        },
        data_sha256=table.digest(),
        library=f"catboost {catboost.__version__}",
        params=params,
        features=current_specs(),
        scale=Scale(
            base_score=scale.BASE_SCORE,
            base_odds=scale.BASE_ODDS,
            points_to_double=scale.POINTS_TO_DOUBLE,
            lowest=scale.LOWEST,
            highest=scale.HIGHEST,
        ),
        models={name: _entry(name, made) for name, made in trained.items()},
    )
    return Run(manifest, {name: made.blob for name, made in trained.items()})


def _entry(name: ModelName, made: Trained) -> ModelEntry:
    return ModelEntry(
        file=f"{name}.cbm",
        sha256=hashlib.sha256(made.blob).hexdigest(),
        features=tuple(NAMES[i] for i in INDEX_OF[name]),
        calibration=made.calibration,
        metrics=made.metrics,
    )
