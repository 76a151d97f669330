"""Child processes of the tests: they die with the run, and are not root where a server forbids it."""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

STOP_SECONDS_MAX: Final = 10.0
PR_SET_PDEATHSIG: Final = 1  # linux/prctl.h


class ServiceUnavailableError(RuntimeError):
    """A server that the tests need could not be found or did not start."""


@dataclass(frozen=True, slots=True)
class Account:
    """The unprivileged user that a server runs as."""

    uid: int
    gid: int


def server_account() -> Account | None:
    """`nobody` when the tests run as root; None when they are unprivileged already."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid)


def spawn(
    command: Sequence[str], account: Account | None, log: Path, env: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """Start `command` from "/", as `account`, its words going to `log`; it ends when this process does."""
    ending = _end_with_parent(os.getpid())
    with log.open("ab") as words:
        return subprocess.Popen(
            list(command),
            cwd="/",
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=subprocess.STDOUT,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            preexec_fn=ending,  # noqa: PLW1509 - two system calls, through a library loaded before the fork
        )


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask `process` to end at once, cutting its sessions; kill it when it does not listen."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(STOP_SECONDS_MAX)


@contextmanager
def server_folder(kind: str, account: Account | None) -> Iterator[Path]:
    """A private temporary folder of `account`, short enough for a socket's path, removed at the end."""
    remove_abandoned(kind)
    folder = Path(tempfile.mkdtemp(prefix=f"clearline-{kind}-{os.getpid()}-"))
    if account:
        os.chown(folder, account.uid, account.gid)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_abandoned(kind: str) -> None:
    """Remove the folders that killed test runs of this user could not remove themselves."""
    for folder in Path(tempfile.gettempdir()).glob(f"clearline-{kind}-*-*"):
        owner = folder.name.split("-")[2]
        if owner.isdigit() and not Path("/proc", owner).exists():
            shutil.rmtree(folder, ignore_errors=True)


def last_words(log: Path) -> str:
    """The end of a server's log, for the message of a failed start."""
    with suppress(OSError):
        return log.read_text(errors="replace")[-2000:]
    return "(no log)"


def end_with_parent() -> None:
    """Let this process, a worker of the run, be killed at once when the run's first process ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _end_with_parent(parent: int) -> Callable[[], None]:
    libc = ctypes.CDLL(None)

    def hook() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGINT)
        if os.getppid() != parent:  # the parent died before the line above
            os._exit(1)

    return hook
