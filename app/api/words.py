"""Code and facts to a sentence in the caller's language. Nothing made here is stored."""

import json
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).resolve().parent / "locale"


@cache
def _catalogue(language: str) -> dict[str, dict[str, str]]:
    loaded: dict[str, dict[str, str]] = json.loads((_FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    return loaded


def say(language: str, group: str, code: str, /, **facts: object) -> str:
    """The sentence of a code; an unknown code is shown as itself, so that nothing is ever blank."""
    template = _catalogue(language).get(group, {}).get(code)
    return template.format(**facts) if template is not None else code


def advice(language: str, code: str) -> str | None:
    """What may help against a reason, if anything is known to."""
    return _catalogue(language).get("advice", {}).get(code)
