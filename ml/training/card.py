"""The model card, written from the manifest alone, so that it cannot say what was not measured."""

from ml.features import FEATURES
from ml.manifest import Manifest, Measures, ModelEntry

SIGN = {1: "never lowers risk", -1: "never raises risk", 0: "free"}


def card(manifest: Manifest) -> str:
    """The card as Markdown."""
    rows = ", ".join(f"{count} {part}" for part, count in manifest.rows.items())
    parts = [
        f"# Model card: {manifest.version}",
        "Written by `python -m ml.training` from `artifacts/manifest.json`; do not edit by hand.",
        "## What it is",
        (
            "Two monotone tree models (CatBoost) that give the probability of being 90 days overdue "
            "within 12 months. `own` reads own data of connected sources and the request; it serves the gate before "
            "the bureau is asked and the limit estimates. `full` reads the bureau file as well and serves a decision."
        ),
        "## What it learned from",
        (
            f"An **invented book**: {manifest.people} people drawn from seed {manifest.seed} ({rows} rows), over "
            "three years. No real person, lender or bureau record is in it, and the authors wrote its laws. "
            "The figures below say that the method recovers those laws; **they say nothing of real borrowers**."
        ),
        (
            "Parts are cut by time, and no person is in two of them. No gap was left between the parts, so outcomes "
            "of the first run into the time of the next; with a real book, leave 12 months."
        ),
        "## How well it does",
        *(_metrics(name, entry) for name, entry in manifest.models.items()),
        "ECE: ten equal bins. Calibration: Platt, fitted on the middle part.",
        "## What SOCIAL adds",
        _social(manifest),
        "## Score",
        (
            f"{manifest.scale.base_score} points at odds of {manifest.scale.base_odds} good to 1 bad; "
            f"{manifest.scale.points_to_double} points double the odds; {manifest.scale.lowest} to "
            f"{manifest.scale.highest}."
        ),
        "## What it must not be used for",
        (
            "- Any decision on a real person: it has to be trained, tested and approved anew on real data.\n"
            "- Prices by person beyond what the policy allows, marketing, employment, insurance, or tracing people.\n"
            "- A purely automatic refusal without the right to reasons and to a human review.\n"
            "- As evidence of fairness: age, sex and place are not features, but no protected group was tested."
        ),
        "## What it reads",
        _features(manifest),
        (
            "A source that is not connected, or withdrawn, is read as a neutral value with a flag beside it. "
            "Age is left to the policy and is never scored."
        ),
        "## Limits known",
        (
            "- The people refused in the past are not missing from an invented book; from a real one they are.\n"
            "- Equal bytes on retraining hold for one library version, one thread count and one kind of processor.\n"
            "- Reasons are SHAP values of one row; in a monotone model they are an approximation of cause, not cause."
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _metrics(name: str, entry: ModelEntry) -> str:
    head = f"**{name}** (later people, never seen)\n\n| rows | n | bad | AUC | KS | Brier | ECE |\n"
    lines = ["| --- | --- | --- | --- | --- | --- | --- |", *(_line(k, m) for k, m in entry.metrics.items())]
    return head + "\n".join(lines)


def _line(rows: str, m: Measures) -> str:
    return f"| {rows} | {m.rows} | {m.bad} | {m.auc:.3f} | {m.ks:.3f} | {m.brier:.4f} | {m.ece:.4f} |"


def _social(manifest: Manifest) -> str:
    told = []
    for name, entry in manifest.models.items():
        on, out = entry.metrics["SOCIAL connected"], entry.metrics["SOCIAL connected, put out"]
        told.append(f"`{name}`: AUC {out.auc:.3f} without, {on.auc:.3f} with ({on.auc - out.auc:+.3f})")
    return (
        "One feature, off unless the customer consents to it by itself. Among those who did: "
        + "; ".join(told)
        + f". With {on.bad} bad rows a difference below about 0.01 is noise. It can raise a score and never lower "
        "one, and it is never given as a reason."
    )


def _features(manifest: Manifest) -> str:
    meaning = {feature.name: feature for feature in FEATURES}
    head = "| feature | model | meaning | unit | a higher number |\n| --- | --- | --- | --- | --- |\n"
    return head + "\n".join(
        f"| {s.name} | {'own, full' if s.block == 'own' else 'full'} | {meaning[s.name].meaning} "
        f"| {meaning[s.name].unit} | {SIGN[s.direction]} |"
        for s in manifest.features
    )
