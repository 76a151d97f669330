"""Every environment variable, typed, once."""

from enum import StrEnum
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

HTTP_URL = r"^https?://[^/\s]+"
ROOT = Path(__file__).resolve().parent.parent


class Profile(StrEnum):
    """What kind of place this is; production refuses everything that only a sandbox may have."""

    SANDBOX = "sandbox"
    PRODUCTION = "production"


class Identity(StrEnum):
    """Who vouches for a caller. Only persona tokens exist so far, and production refuses them."""

    PERSONA_TOKENS = "persona-tokens"


class KeyDoor(StrEnum):
    """Where the root key lives. Only the sandbox's local file exists so far, and production refuses it."""

    LOCAL_FILE = "local-file"


class Documents(StrEnum):
    """Which GraphQL documents are taken: any, or only those registered in graphql/trusted.json."""

    OPEN = "open"
    TRUSTED_ONLY = "trusted-only"


class Settings(BaseSettings):
    """Settings of one process, from `CLEARLINE_*` variables. Durations are seconds, sizes bytes."""

    model_config = SettingsConfigDict(env_prefix="CLEARLINE_", extra="ignore")

    profile: Profile = Profile.SANDBOX
    home: Path = Path(".clearline")
    host: str = Field(default="127.0.0.1", min_length=1)
    port: int = Field(default=8000, ge=0, le=65535)
    database_url: str = Field(default="", pattern=r"^(|(sqlite|postgres|postgresql)://.+)$")
    redis_url: str = Field(default="", pattern=r"^(|(redis|rediss|unix)://.+)$")
    bureau_url: str = Field(default="http://127.0.0.1:8701", pattern=HTTP_URL)
    bureau_name: str = Field(default="bureau.example", min_length=1, max_length=64)
    payments_url: str = Field(default="http://127.0.0.1:8702", pattern=HTTP_URL)
    institution: str = Field(default="CLEARLINE", min_length=1)
    identity: Identity = Identity.PERSONA_TOKENS
    documents: Documents | None = None
    keys: KeyDoor = KeyDoor.LOCAL_FILE
    key_file: Path | None = None
    log_origin: str = Field(default="clearline.example/inquiries-2026", pattern=r"^[^\s+]+$")
    log_key_file: Path | None = None
    log_policy: Path | None = None
    witness_timeout_seconds: float = Field(default=2.0, gt=0, le=30)
    bureau_timeout_seconds: float = Field(default=8.0, gt=0, le=60)
    payments_timeout_seconds: float = Field(default=5.0, gt=0, le=60)
    database_pool_max: int = Field(default=16, ge=2, le=100)
    lock_timeout_seconds: int = Field(default=5, ge=1, le=60)
    worker_in_process: bool = False
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    artifacts: Path = ROOT / "ml" / "artifacts"
    playground: Path = ROOT / "web" / "playground" / "dist"

    @property
    def sandbox(self) -> bool:
        """Whether sandbox fields, magic people and the movable clock exist at all."""
        return self.profile is Profile.SANDBOX

    @property
    def database(self) -> str:
        """The database URL; the embedded default is SQLite below the home folder."""
        return self.database_url or f"sqlite://{self.home.resolve() / 'clearline.sqlite'}"

    @property
    def document_policy(self) -> Documents:
        """The document policy; production takes only trusted documents unless told, and then refuses to start."""
        if self.documents is not None:
            return self.documents
        return Documents.OPEN if self.sandbox else Documents.TRUSTED_ONLY

    @property
    def local_key_file(self) -> Path:
        """Where the sandbox keeps its root key."""
        return self.key_file or self.home / "keys.json"

    @property
    def log_key(self) -> Path:
        """Where the sandbox keeps the key that signs the log's checkpoints."""
        return self.log_key_file or self.home / "log-key.txt"

    @property
    def log_policy_file(self) -> Path:
        """Where the policy stands: the log, its witnesses, and how many of them must have cosigned."""
        return self.log_policy or self.home / "log-policy.txt"

    @model_validator(mode="after")
    def _production_is_strict(self) -> Self:
        problems = production_problems(self)
        if problems:
            raise ValueError("production refuses to start: " + "; ".join(problems))
        return self


def production_problems(settings: Settings) -> list[str]:
    """What forbids starting in the production profile; empty in the sandbox and when all is well."""
    if settings.sandbox:
        return []
    problems = []
    if settings.identity is Identity.PERSONA_TOKENS:
        problems.append("sandbox identity (persona tokens) is configured, and no other identity exists yet")
    if settings.document_policy is Documents.OPEN:
        problems.append("the document policy is open: set CLEARLINE_DOCUMENTS=trusted-only")
    if settings.keys is KeyDoor.LOCAL_FILE:
        problems.append("keys come from a local file, and no key service exists yet")
    if settings.worker_in_process and not settings.redis_url:
        problems.append("API and worker in one process is for the demo")
    return problems
