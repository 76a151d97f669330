"""What the demo runs beside itself: outsiders in processes of their own, which go when it goes."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.cli.proof import policy
from app.cli.proof.policy import Member
from app.domain.proof.signed import policy as policies
from app.domain.proof.signed.policy import Policy
from app.domain.proof.strict import Unproven
from app.settings import ROOT, Settings

STOP_SECONDS = 5
WITNESSES = ("north", "east", "south")
WITNESSES_LEAST = 2
WITNESS_WORDS = 5  # witness VKEY listening on URL
_PR_SET_PDEATHSIG = 1
_Child = subprocess.Popen[str]


class OutsiderFailed(Exception):
    """An outsider did not start."""


@dataclass(frozen=True, slots=True)
class Outsider:
    """One process beside us, and where it listens. `moved`: its port was taken, so it has a new one."""

    name: str
    url: str
    process: _Child
    moved: bool = False

    def ended(self) -> bool:
        """Whether it has gone without being told to."""
        return self.process.poll() is not None


@contextmanager
def simulator(settings: Settings, name: str) -> Iterator[Outsider]:
    """One simulator."""
    store = settings.home.resolve() / f"{name}-simulator.sqlite"
    known_as = ["--name", settings.bureau_name] if name == "bureau" else []
    with _process(f"sims.{name}", "--port", "0", "--store", str(store), *known_as) as process:
        _, found, url = _said(process).partition("listening on ")
        if not found:
            message = f"the {name} simulator did not start: is its store below the home folder damaged?"
            raise OutsiderFailed(message)
        yield Outsider(f"{name} simulator", url.strip(), process)


@contextmanager
def witnesses(settings: Settings) -> Iterator[list[Outsider]]:
    """The demo's three witnesses, each with a folder and a key of its own; the policy in its file names them.

    A policy that somebody has changed, say by an independent witness, stays as it is. Addresses stay too, so that
    the policy of an earlier receipt is still the one in the file, unless a port is taken meanwhile.
    """
    log = str(policy.vkey_of_log(settings))
    known = _known(settings)
    with ExitStack() as running:
        begun = {name: running.enter_context(_witness(settings, name, log, known)) for name in WITNESSES}
        found = [_listening(settings, name, process, log, running) for name, process in begun.items()]
        members = [member for member, _ in found]
        if known is None:
            policy.keep(settings, policy.written(policy.vkey_of_log(settings), members, WITNESSES_LEAST))
        else:
            _move(settings, known, members)
        yield [outsider for _, outsider in found]


def _witness(settings: Settings, name: str, log: str, known: Policy | None) -> AbstractContextManager[_Child]:
    """A witness where the policy says that it is, or on a free port."""
    before = known.witnesses.get(name) if known else None
    port = (before.url or "").rpartition(":")[2].rstrip("/") if before else ""
    asked = ("--home", str(_home(settings, name)), "--name", f"{name}.witness.example/w", "--log", log)
    return _process("witness", *asked, "--port", port if port.isdecimal() else "0")


def _listening(
    settings: Settings, name: str, process: _Child, log: str, running: ExitStack
) -> tuple[Member, Outsider]:
    """The witness once it listens; its port may be taken, then it gets another."""
    words, moved = _said(process).split(), False
    if len(words) != WITNESS_WORDS:
        process, moved = running.enter_context(_witness(settings, name, log, None)), True
        words = _said(process).split()
    if len(words) != WITNESS_WORDS:
        raise OutsiderFailed(f"the witness {name} did not start, as said above: see {_home(settings, name)}")
    return Member(name, words[1], words[-1]), Outsider(f"witness {name}", words[-1], process, moved)


def _home(settings: Settings, name: str) -> Path:
    return settings.home.resolve() / f"witness-{name}"


def _known(settings: Settings) -> Policy | None:
    path = settings.log_policy_file
    if not path.exists():
        return None
    try:
        return policies.parse(path.read_bytes())
    except Unproven as refused:
        raise OutsiderFailed(f"{path} is not a policy ({refused.told}): mend it, or remove it") from refused


def _move(settings: Settings, known: Policy, members: list[Member]) -> None:
    """Put a new address into the policy where a witness had to take one."""
    text = settings.log_policy_file.read_text(encoding="utf-8")
    for one in members:
        before = known.witnesses.get(one.name)
        if before is None or str(before.key) != one.vkey:
            continue
        text = text.replace(f" {one.vkey} {before.url}\n", f" {one.vkey} {one.url}\n")
    policy.keep(settings, text)


@contextmanager
def _process(module: str, *arguments: str) -> Iterator[_Child]:
    """A process of one of our modules, ended with the block."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("CLEARLINE_")}
    process = subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env={**environment, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=_die_with_parent,  # noqa: PLW1509 - no thread runs yet
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _said(process: _Child) -> str:
    """The first line of a process, or nothing when it ends without one."""
    return process.stdout.readline() if process.stdout else ""


def _die_with_parent() -> None:
    """A killed demo takes its outsiders along (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
