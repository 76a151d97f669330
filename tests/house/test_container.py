"""The image and the composition, as far as they can be judged without an engine."""

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.needs import ROOT

BIN = Path(sys.executable).parent
WITNESSES = {"witness-north", "witness-east", "witness-south"}
ONCE = {"migrate", "log-key", "log-policy"}
OURS = {"api", "worker", "bureau-sim", "payment-sim", *ONCE, *WITNESSES}
VERBS = {"serve", "worker", "migrate", "bureau-sim", "payment-sim", "ledger", "witness"}


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    composed: dict[str, dict[str, Any]] = YAML(typ="safe", pure=True).load(ROOT / "compose.yaml")
    return composed["services"]


@pytest.fixture(scope="module")
def recipe() -> list[str]:
    """The instructions of the Dockerfile, continued lines joined."""
    joined = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    return [" ".join(line.split()) for line in joined.splitlines() if line and not line.startswith("#")]


def accepted(*command: str) -> None:
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_dockerfile_is_clean() -> None:
    accepted("hadolint", "Dockerfile")


def test_the_composition_fits_its_schema() -> None:
    accepted("check-jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml")


def test_the_image_runs_as_nobody_of_rank(recipe: list[str]) -> None:
    assert [line for line in recipe if line.startswith("USER ")] == ["USER 10001:10001"]
    assert recipe.index("USER 10001:10001") > max(at for at, line in enumerate(recipe) if line.startswith("RUN "))


def test_the_image_installs_by_hash_only(recipe: list[str]) -> None:
    (installing,) = [line for line in recipe if " install " in line and "pip" in line]
    assert "--require-hashes" in installing
    assert "--no-deps" in installing


def test_the_verb_is_the_images_argument(recipe: list[str]) -> None:
    assert recipe[-2:] == ['ENTRYPOINT ["python", "-m", "app"]', 'CMD ["serve"]']
    assert "STOPSIGNAL SIGTERM" in recipe
    assert "VOLUME /data" in recipe


def test_the_label_tells_the_projects_version(recipe: list[str]) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert any(f'org.opencontainers.image.version="{version}"' in line for line in recipe)


def test_only_named_things_reach_the_image() -> None:
    rules = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    named = {rule[1:] for rule in rules if rule.startswith("!")}
    assert rules[0] == "*"
    assert named == {
        "requirements/run.txt",
        "app",
        "models",
        "ml",
        "graphql",
        "sims",
        "witness",
        "web/playground/dist",
        "web/receipt",
        "web/verify",
    }


def test_each_service_of_ours_says_a_verb_from_a_read_only_root(services: dict[str, Any]) -> None:
    ours = {name: service for name, service in services.items() if "build" in service}
    assert set(ours) == OURS
    assert {service["command"][0] for service in ours.values()} == VERBS
    assert all(service["read_only"] and service["cap_drop"] == ["ALL"] for service in ours.values())


def test_whoever_is_waited_for_as_healthy_can_tell(services: dict[str, Any]) -> None:
    waits = [(name, on, wait) for name, one in services.items() for on, wait in one.get("depends_on", {}).items()]
    assert waits
    for _, on, wait in waits:
        checked = "healthcheck" in services[on] or "build" in services[on]  # the image brings its own check
        off = services[on].get("healthcheck", {}).get("disable", False)
        assert wait["condition"] == ("service_completed_successfully" if on in ONCE else "service_healthy")
        assert off if on in ONCE else checked and not off


def test_nothing_is_published_beyond_this_machine(services: dict[str, Any]) -> None:
    published = [port for service in services.values() for port in service.get("ports", [])]
    assert published == ["127.0.0.1:8000:8000"]


def test_the_settings_of_the_composition_are_known_to_the_product(services: dict[str, Any]) -> None:
    from app.settings import Settings  # late: the other tests here need nothing of the product

    known = {f"CLEARLINE_{name.upper()}" for name in Settings.model_fields}
    assert known >= {
        name for service in services.values() for name in service.get("environment", {}) if "CLEARLINE" in name
    }
