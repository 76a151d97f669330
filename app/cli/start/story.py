"""The customer's whole story against a running server, over HTTP, with the bureau's own count after each step."""

import json
import re
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx2

from app.clock import real_now
from app.settings import ROOT

STORY = ROOT / "graphql" / "story.json"
OPERATIONS = ROOT / "graphql" / "operations"
UNTIL_SECONDS_MAX = 60
POLL_SECONDS = 0.2
HTTP_SECONDS = 60.0
_PLACE = re.compile(r"\{\{(\w+)(?::(\w+))?\}\}")


class StoryBroken(Exception):
    """A step did not go as told; says which, what was wanted and what came."""


@dataclass(frozen=True, slots=True)
class Told:
    """One step as it went."""

    title: str
    operation: str
    asked: dict[str, Any]
    answered: dict[str, Any]
    bureau_records: int | None
    seconds: float


@dataclass(slots=True)
class Story:
    """A run of the story: where, and what is carried from answer to answer."""

    api: str
    bureau: str | None
    http: httpx2.Client
    carried: dict[str, str] = field(default_factory=dict)

    def tell(self) -> list[Told]:
        """Play every step in order.

        Raises:
            StoryBroken: at the first step that goes otherwise.
        """
        steps = json.loads(STORY.read_text(encoding="utf-8"))["steps"]
        return [self._step(step) for step in steps]

    def _step(self, step: dict[str, Any]) -> Told:
        started = time.perf_counter()
        variables = self._filled(step["variables"])
        data = self._until(step, variables)
        for path, wanted in step.get("expect", {}).items():
            found = at(data, path)
            if found != wanted:
                raise StoryBroken(f"{step['title']}: {path} is {found!r}, not {wanted!r}: {json.dumps(data)[:500]}")
        for name, path in step.get("carry", {}).items():
            self.carried[name] = str(at(data, path))
        records = self._records()
        if "bureau" in step and records is not None and records != step["bureau"]:
            raise StoryBroken(f"{step['title']}: the bureau holds {records} records, not {step['bureau']}")
        return Told(step["title"], step["operation"], variables, data, records, time.perf_counter() - started)

    def _until(self, step: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        deadline = time.perf_counter() + UNTIL_SECONDS_MAX
        while True:
            data = self._ask(step, variables)
            if all(at(data, path) == wanted for path, wanted in step.get("until", {}).items()):
                return data
            if time.perf_counter() > deadline:
                raise StoryBroken(f"{step['title']}: still {json.dumps(data)[:300]} after {UNTIL_SECONDS_MAX} s")
            time.sleep(POLL_SECONDS)

    def _ask(self, step: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        query = (OPERATIONS / f"{step['operation']}.graphql").read_text(encoding="utf-8")
        headers = {} if step.get("anonymous") else {"authorization": f"Bearer {self.carried['token']}"}
        body = {"query": query, "variables": variables}
        try:
            answer = self.http.post(f"{self.api}/graphql", json=body, headers=headers).json()
        except ValueError as error:
            raise StoryBroken(f"{self.api} does not speak GraphQL: is the address right?") from error
        if "errors" in answer:
            raise StoryBroken(f"{step['title']}: {answer['errors']}")
        data: dict[str, Any] = answer["data"]
        return data

    def _filled(self, template: Any) -> Any:
        """The template with every place filled."""
        if isinstance(template, dict):
            return {name: self._filled(value) for name, value in template.items()}
        if isinstance(template, list):
            return [self._filled(value) for value in template]
        return _PLACE.sub(self._place, template) if isinstance(template, str) else template

    def _place(self, match: re.Match[str]) -> str:
        name, label = match.groups()
        if name == "uuid":
            return self.carried.setdefault(f"uuid:{label}", str(uuid4()))
        return real_now().isoformat() if name == "now" else self.carried[name]

    def _records(self) -> int | None:
        """The bureau's own count for this person; None when it cannot be asked."""
        if self.bureau is None or "idNumber" not in self.carried:
            return None
        body = {"subject": self.carried["idNumber"]}
        counts = self.http.post(f"{self.bureau}/counts/search", json=body).json()
        return int(counts["records"])


def at(data: Any, path: str) -> Any:
    """The value at a dotted path; None where there is none."""
    for part in path.split("."):
        data = data.get(part) if isinstance(data, dict) else None
    return data


def play(api: str, bureau: str | None) -> list[Told]:
    """Play the story with a new customer.

    Raises:
        StoryBroken: a step went otherwise.
    """
    with httpx2.Client(timeout=HTTP_SECONDS, trust_env=False) as http:
        return Story(api, bureau, http).tell()


def as_text(told: list[Told]) -> str:
    """The story for reading."""
    lines = []
    for number, step in enumerate(told, start=1):
        records = "-" if step.bureau_records is None else step.bureau_records
        lines.append(
            f"{number:>2}. {step.title}  [{step.operation}, {step.seconds:.2f} s, bureau records: {records}]"
        )
        lines.append(f"    asked     {_short(step.asked)}")
        lines.append(f"    answered  {_short(step.answered)}")
    return "\n".join(lines)


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 240 else text[:237] + "..."  # noqa: PLR2004 - a line of a terminal


def as_json(told: list[Told]) -> str:
    """The story for machines (docs/formats/story.md)."""
    return json.dumps(
        {
            "schema": "clearline-story-run/1",
            "steps": [
                {
                    "title": step.title,
                    "operation": step.operation,
                    "asked": step.asked,
                    "answered": step.answered,
                    "bureauRecords": step.bureau_records,
                    "seconds": round(step.seconds, 3),
                }
                for step in told
            ],
        },
        ensure_ascii=False,
    )
