import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from ml.features import NAMES, vector
from ml.manifest import Manifest, ModelName, current_specs
from ml.scale import probability_of
from ml.serving.scorer import Scorer
from ml.training.__main__ import ML_FOLDER
from ml.training.book import BookRow, make_book
from ml.training.card import card
from ml.training.fit import Table, split
from ml.training.measures import auc, ece, ks, measures, platt
from ml.training.run import Run, run
from tests.ml.conftest import ARTIFACTS

MODELS: tuple[ModelName, ...] = ("own", "full")


@pytest.fixture(scope="module")
def manifest() -> Manifest:
    return Manifest.model_validate_json((ARTIFACTS / "manifest.json").read_bytes())


def test_training_twice_gives_the_same_bytes(small_run: Run) -> None:
    again = run(people=500, seed=5, iterations=15)

    assert again.blobs == small_run.blobs
    assert again.manifest_bytes() == small_run.manifest_bytes()


def test_another_seed_gives_another_model(small_run: Run) -> None:
    assert run(people=500, seed=6, iterations=15).blobs["full"] != small_run.blobs["full"]


def test_what_training_writes_serving_loads(small_run: Run, tmp_path: Path, vectors: list[tuple[float, ...]]) -> None:
    small_run.write(tmp_path / "artifacts", tmp_path / "CARD.md")

    assert 300 <= Scorer.load(tmp_path / "artifacts").score_full(vectors[0]).score <= 900
    assert (tmp_path / "CARD.md").read_text(encoding="utf-8") == card(small_run.manifest)


def test_training_reads_the_vector_that_serving_makes(book: list[BookRow]) -> None:
    table = Table.of(book[:50])

    for numbers, row in zip(table.x.tolist(), book, strict=False):
        assert tuple(numbers) == vector(row.events, row.sources, row.file, row.applicant, row.as_of)


def test_parts_are_cut_by_time_and_share_no_person() -> None:
    table = Table.of(make_book(250, 8))
    parts = split(table)
    people, days = [], []
    for mask in (parts.train, parts.calibrate, parts.test):
        people.append({person for person, inside in zip(table.person, mask, strict=True) if inside})
        days.append([day for day, inside in zip(table.as_of, mask, strict=True) if inside])

    assert not people[0] & people[1]
    assert not people[0] & people[2]
    assert not people[1] & people[2]
    assert max(days[0]) < min(days[1])
    assert max(days[1]) < min(days[2])


def test_a_book_too_small_is_refused() -> None:
    with pytest.raises(ValueError, match=r"one kind|wrong way"):
        run(people=40, seed=1, iterations=2)


@pytest.mark.parametrize("name", MODELS)
def test_the_digests_of_the_manifest_are_true(manifest: Manifest, name: ModelName) -> None:
    entry = manifest.models[name]

    assert hashlib.sha256((ARTIFACTS / entry.file).read_bytes()).hexdigest() == entry.sha256


def test_the_manifest_speaks_of_the_features_of_the_code(manifest: Manifest) -> None:
    assert manifest.features == current_specs()
    assert manifest.models["full"].features == NAMES
    assert json.loads((ARTIFACTS / "manifest.json").read_bytes())["schema"] == "clearline.scoring/1"


@pytest.mark.parametrize(("name", "floor"), [("own", 0.74), ("full", 0.76)])
def test_the_stored_models_meet_their_bars(manifest: Manifest, name: ModelName, floor: float) -> None:
    every = manifest.models[name].metrics["all"]

    assert floor <= every.auc <= 0.85  # above it, an invented book would be too easy to believe
    assert every.ks > 0.35
    assert every.ece < 0.03
    assert every.brier < every.bad / every.rows * (1 - every.bad / every.rows)


@pytest.mark.parametrize("name", MODELS)
def test_the_stored_metrics_hold_for_people_of_another_seed(
    scorer: Scorer, book: list[BookRow], vectors: list[tuple[float, ...]], name: ModelName
) -> None:
    score = scorer.score_own if name == "own" else scorer.score_full
    loaded = scorer._own if name == "own" else scorer._full
    raw = loaded.model.predict(np.array(vectors)[:, loaded.columns], prediction_type="RawFormulaVal", thread_count=1)
    fitted = loaded.entry.calibration
    chance = [probability_of(float(r), slope=fitted.slope, intercept=fitted.intercept) for r in raw]
    told = measures(np.array([row.bad for row in book]), np.array(chance))

    assert chance[:20] == [score(row).probability for row in vectors[:20]]  # a batch says what one row says
    assert told.auc > 0.68
    assert told.ece < 0.05


def test_the_artefacts_stay_small() -> None:
    assert sum(path.stat().st_size for path in ARTIFACTS.iterdir()) < 600 * 1024


def test_the_card_is_written_from_the_manifest(manifest: Manifest) -> None:
    assert (ML_FOLDER / "CARD.md").read_text(encoding="utf-8") == card(manifest)


def test_measures_agree_with_hand_made_figures() -> None:
    bad = np.array([False, False, True, True])
    chance = np.array([0.1, 0.4, 0.35, 0.8])

    assert auc(bad, chance) == 0.75
    assert ks(bad, chance) == 0.5
    assert auc(bad, np.full(4, 0.5)) == 0.5
    assert ece(bad, bad.astype(float)) == 0
    assert ece(bad, np.full(4, 0.75)) == 0.25


def test_rows_of_one_kind_cannot_be_measured() -> None:
    with pytest.raises(ValueError, match="one kind"):
        measures(np.array([False, False]), np.array([0.1, 0.2]))


def test_calibration_finds_slope_and_intercept_again() -> None:
    draw = np.random.Generator(np.random.PCG64(3))
    raw = draw.normal(size=60_000)
    bad = draw.uniform(size=60_000) < 1 / (1 + np.exp(-(1.4 * raw - 2)))
    found = platt(bad, raw)

    assert abs(found.slope - 1.4) < 0.05
    assert abs(found.intercept + 2) < 0.05


def test_values_that_rank_the_wrong_way_cannot_be_calibrated() -> None:
    with pytest.raises(ValueError, match="wrong way"):
        platt(np.array([True, True, False, False]), np.array([-1.0, 0.5, 1.0, 2.0]))
