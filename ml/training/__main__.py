"""`python -m ml.training`: make the book, train, write the artefacts and the card."""

from argparse import ArgumentParser
from pathlib import Path

from ml.training.run import DEFAULT_PEOPLE, DEFAULT_SEED, run

ML_FOLDER = Path(__file__).resolve().parents[1]


def main() -> None:
    """Train by the words of the command line and print what came of it."""
    parser = ArgumentParser(prog="python -m ml.training", description="Train both models on an invented book.")
    parser.add_argument("--people", type=int, default=DEFAULT_PEOPLE)
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    parser.add_argument("--out", type=Path, default=ML_FOLDER / "artifacts")
    chosen = parser.parse_args()
    made = run(chosen.people, chosen.seed)
    made.write(chosen.out, chosen.out.parent / "CARD.md")
    for name, entry in made.manifest.models.items():
        for rows, m in entry.metrics.items():
            print(f"{name:5} {rows:26} n={m.rows:5} bad={m.bad:4} AUC {m.auc:.3f} KS {m.ks:.3f} ECE {m.ece:.4f}")


if __name__ == "__main__":
    main()
