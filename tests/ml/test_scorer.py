import math
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from app.domain.deciding.behaviour import DataSource
from ml.features import FEATURES, NAMES, OWN_INDEX, Applicant, vector
from ml.serving.scorer import ArtefactMismatch, Scorer, VectorInvalid, _Loaded
from ml.training.book import BookRow, Profile, simulate_events, simulate_file
from tests.ml.conftest import ALL_SOURCES, ARTIFACTS, AS_OF

Row = tuple[float, ...]
APPLICANT = Applicant(age=30, segment="SALARIED", requested_minor=10_000_00, term_months=12)


def changed(row: Row, index: int, value: float) -> Row:
    return (*row[:index], value, *row[index + 1 :])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(ARTIFACTS, tmp_path / "artifacts")
    return tmp_path / "artifacts"


def test_scores_lie_on_the_scale_and_probabilities_between_nought_and_one(scorer: Scorer, vectors: list[Row]) -> None:
    for row in vectors[:60]:
        for scored in (scorer.score_own(row), scorer.score_full(row)):
            assert 300 <= scored.score <= 900
            assert 0 < scored.probability < 1


def test_the_same_vector_always_scores_the_same(scorer: Scorer, vectors: list[Row]) -> None:
    again = Scorer.load(ARTIFACTS)

    assert [scorer.score_full(row) for row in vectors[:40]] == [again.score_full(row) for row in vectors[:40]]


def test_threads_do_not_disturb_each_other(scorer: Scorer, vectors: list[Row]) -> None:
    alone = [scorer.score_full(row) for row in vectors[:60]]
    with ThreadPoolExecutor(max_workers=4) as pool:
        assert list(pool.map(scorer.score_full, vectors[:60])) == alone


def test_a_better_profile_scores_better_on_average(scorer: Scorer) -> None:
    own: dict[Profile, int] = {}
    full: dict[Profile, int] = {}
    for who in Profile:
        rows = [
            vector(simulate_events(s, who, AS_OF, 12), ALL_SOURCES, simulate_file(s, who, AS_OF), APPLICANT, AS_OF)
            for s in range(20)
        ]
        own[who] = sum(scorer.score_own(row).score for row in rows)
        full[who] = sum(scorer.score_full(row).score for row in rows)

    for mean in (own, full):
        best, second, *_ = sorted(mean, key=lambda who: -mean[who])
        assert (best, second) == (Profile.WEALTHY, Profile.STEADY)
    assert full[Profile.MULTI_LENDER] < own[Profile.MULTI_LENDER]  # only the bureau sees the other lenders


def violations(loaded: _Loaded, rows: list[Row], index: int, *, sign: int = 1) -> int:
    """Steps of a sweep at which the raw risk moves against the direction of the feature (times `sign`)."""
    feature = FEATURES[index]
    # Many of the points near nought, where most of the cuts are.
    points = sorted({feature.ceiling * n / d for d in (10, 100, 1000) for n in range(11)})
    cells = np.array(
        [[changed(row, index, point)[i] for i in loaded.columns] for row in rows for point in points],
        dtype=np.float32,
    )
    raw = loaded.model.predict(cells, prediction_type="RawFormulaVal", thread_count=1).reshape(len(rows), -1)
    return int((np.diff(raw * feature.direction * sign, axis=1) < 0).sum())


@pytest.mark.parametrize("index", [i for i, feature in enumerate(FEATURES) if feature.direction])
def test_risk_moves_only_in_the_direction_of_the_feature(scorer: Scorer, vectors: list[Row], index: int) -> None:
    assert violations(scorer._full, vectors[:300], index) == 0
    if index in OWN_INDEX:
        assert violations(scorer._own, vectors[:300], index) == 0


def test_the_sweep_sees_a_wrong_direction(scorer: Scorer, vectors: list[Row]) -> None:
    for name in ("income_mean", "late_bill_share", "queries_6", "vouches"):
        assert violations(scorer._full, vectors[:50], NAMES.index(name), sign=-1) > 0


def test_connecting_social_never_lowers_a_score(scorer: Scorer, book: list[BookRow]) -> None:
    better = 0
    for row in book[:80]:
        on, off = (
            scorer.score_own(vector(row.events, sources, row.file, row.applicant, row.as_of)).score
            for sources in (row.sources | {DataSource.SOCIAL}, row.sources - {DataSource.SOCIAL})
        )
        assert on >= off
        better += on > off
    assert better > 0


def test_the_own_model_does_not_read_the_bureau(scorer: Scorer, book: list[BookRow]) -> None:
    for row in book[:30]:
        with_file = vector(row.events, row.sources, row.file, row.applicant, row.as_of)
        without = vector(row.events, row.sources, None, row.applicant, row.as_of)
        assert scorer.score_own(with_file) == scorer.score_own(without)


def test_the_full_model_refuses_a_vector_made_without_a_file(scorer: Scorer, book: list[BookRow]) -> None:
    row = book[0]
    with pytest.raises(VectorInvalid, match="needs a bureau file"):
        scorer.score_full(vector(row.events, row.sources, None, row.applicant, row.as_of))


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf, -0.5, 1e9, "12", None, True])
def test_what_is_no_number_of_the_range_is_refused(scorer: Scorer, vectors: list[Row], wrong: float) -> None:
    spoilt = changed(vectors[0], NAMES.index("income_mean"), wrong)
    for score in (scorer.score_own, scorer.score_full):
        with pytest.raises(VectorInvalid, match="income_mean"):
            score(spoilt)


@pytest.mark.parametrize("cut", [0, 1, len(FEATURES) - 1])
def test_a_vector_of_another_length_is_refused(scorer: Scorer, vectors: list[Row], cut: int) -> None:
    with pytest.raises(VectorInvalid, match="numbers, not"):
        scorer.score_own(vectors[0][:cut])
    with pytest.raises(VectorInvalid, match="numbers, not"):
        scorer.score_own((*vectors[0], 0.0))


@pytest.mark.parametrize("name", ["own.cbm", "full.cbm"])
@pytest.mark.parametrize("where", [0.0, 0.5, 0.999])
def test_a_flipped_bit_is_refused_before_loading(folder: Path, name: str, where: float) -> None:
    blob = bytearray((folder / name).read_bytes())
    blob[int(where * len(blob))] ^= 1
    (folder / name).write_bytes(blob)

    with pytest.raises(ArtefactMismatch, match=name):
        Scorer.load(folder)


def test_swapped_models_are_refused(folder: Path) -> None:
    (folder / "own.cbm").write_bytes((folder / "full.cbm").read_bytes())

    with pytest.raises(ArtefactMismatch, match=r"own\.cbm"):
        Scorer.load(folder)


@pytest.mark.parametrize("name", ["own.cbm", "manifest.json"])
def test_a_missing_file_is_refused(folder: Path, name: str) -> None:
    (folder / name).unlink()

    with pytest.raises(ArtefactMismatch, match=name):
        Scorer.load(folder)


@pytest.mark.parametrize(
    ("old", "new"), [('"income_mean"', '"income_median"'), ('"neutral": 6000.0', '"neutral": 6001.0')]
)
def test_a_manifest_of_other_features_is_refused(folder: Path, old: str, new: str) -> None:
    path = folder / "manifest.json"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")

    with pytest.raises(ArtefactMismatch, match="other features"):
        Scorer.load(folder)


def test_the_version_is_told_with_every_score(scorer: Scorer, vectors: list[Row]) -> None:
    assert scorer.model_version == "cl-2026.11"
    assert scorer.score_own(vectors[0]).model_version == "cl-2026.11/own"
    assert scorer.score_full(vectors[0]).model_version == "cl-2026.11/full"
