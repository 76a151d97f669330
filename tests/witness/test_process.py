"""The witness as a process: what a log sees on a real connection, and what kill -9 leaves."""

import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest

from app.domain.proof.signed import note
from app.domain.proof.tree import merkle
from app.doors.signing import verify
from tests.domain.proof.a_log import LOG
from tests.needs import ROOT
from tests.witness.asking import LEAVES, NAME, NODES, OTHER, PLACE, add, cosigned, process, seen, vkey_in

ROUNDS = 3


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("witness")


@pytest.fixture(scope="module")
def client(home: Path) -> Iterator[httpx2.Client]:
    with process(home) as (_child, client):
        yield client


def test_a_log_is_cosigned_step_by_step_and_monitors_see_the_last(client: httpx2.Client, home: Path) -> None:
    vkey = vkey_in(home)
    assert client.get(f"/{PLACE}/checkpoint").status_code == 404
    for old, size in ((0, 3), (3, 3), (3, 10), (10, 257)):
        answer = add(client, old, size)
        assert (answer.status_code, cosigned(answer, size, vkey)) == (200, True)
    shown = client.get(f"/{PLACE}/checkpoint")
    assert shown.headers["content-type"] == "text/plain; charset=utf-8"
    opened = note.open_note(shown.content, [LOG.vkey, vkey], verify)
    assert [key for key, _ in opened.verified] == [LOG.vkey, vkey]
    conflict = add(client, 3, 300)
    assert (conflict.status_code, conflict.text, conflict.headers["content-type"]) == (
        409,
        "257\n",
        "text/x.tlog.size",
    )
    assert add(client, 257, 300, OTHER).status_code == 422
    assert seen(client) == 257


@pytest.mark.parametrize(
    ("method", "path", "content", "status"),
    [
        ("POST", "/add-checkpoint", b"", 400),
        ("POST", "/add-checkpoint", b"\xff\xfe", 400),
        ("POST", "/add-checkpoint", b"x" * (600 * 1024), 413),
        (
            "POST",
            "/add-checkpoint",
            b"old 0\n\nelsewhere.example\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n",
            400,
        ),
        ("GET", "/add-checkpoint", None, 405),
        ("POST", f"/{PLACE}/checkpoint", b"", 405),
        ("GET", "/0000/checkpoint", None, 404),
        ("GET", "/%00/checkpoint", None, 404),
        ("GET", "/", None, 404),
        ("GET", "/healthz", None, 200),
    ],
)
def test_what_is_no_request_is_answered_in_order(
    client: httpx2.Client, method: str, path: str, content: bytes | None, status: int
) -> None:
    before = seen(client)
    assert client.request(method, path, content=content).status_code == status
    assert seen(client) == before


@pytest.mark.parametrize(("step", "found"), [("before", 5), ("after", 8)])
def test_a_kill_between_store_and_answer_loses_nothing_and_forks_nothing(
    tmp_path: Path, step: str, found: int
) -> None:
    with process(tmp_path, module="tests.witness.dying", KILL_AT=step, KILL_ON="2") as (child, client):
        vkey = vkey_in(tmp_path)
        assert add(client, 0, 5).status_code == 200
        with pytest.raises(httpx2.TransportError):
            add(client, 5, 8)
        assert child.wait(10) == -signal.SIGKILL
    with process(tmp_path) as (_, client):
        assert vkey_in(tmp_path) == vkey
        assert seen(client) == found
        assert add(client, found, 9, OTHER).status_code == 422  # a fork is no way out
        if found == 8:  # the log never heard: it is told, and asks for the same tree again
            assert add(client, 5, 8).text == "8\n"
        assert cosigned(add(client, found, 8), 8, vkey)
        assert cosigned(add(client, 8, 9), 9, vkey)


def test_killed_at_any_moment_it_remembers_every_tree_that_it_cosigned(tmp_path: Path) -> None:
    promised = 0
    for number in range(ROUNDS):
        with process(tmp_path) as (child, client):
            size = seen(client)
            assert size in {promised, promised + 1}
            assert add(client, size, size + 1).status_code == 200
            promised = size + 1
            threading.Timer(0.11 * number, child.kill).start()
            with suppress(httpx2.TransportError):
                while promised < len(LEAVES):
                    assert add(client, promised, promised + 1).status_code == 200
                    promised += 1
            child.wait(10)
    with process(tmp_path) as (_, client):
        assert seen(client) in {promised, promised + 1}
        assert add(client, seen(client), len(LEAVES)).status_code == 200


def test_of_two_trees_asked_at_once_of_two_processes_one_is_ever_cosigned(tmp_path: Path) -> None:
    """Two processes over one store are a mistake of an operator; it must not make two trees."""
    taken: list[tuple[int, str]] = []
    with process(tmp_path) as (_, one), process(tmp_path) as (_, two):
        assert vkey_in(tmp_path).name == NAME

        def grow(client: httpx2.Client, nodes: merkle.Nodes, label: str) -> None:
            size = 0
            for _ in range(25):
                answer = add(client, size, size + 2, nodes)
                if answer.status_code == 200:
                    size += 2
                    taken.append((size, label))
                elif answer.status_code == 409:
                    size = int(answer.text)
                    if add(client, size, size, nodes).status_code == 422:
                        return

        with ThreadPoolExecutor(4) as pool:
            asked = [(one, NODES, "tree"), (two, OTHER, "fork"), (two, NODES, "tree"), (one, OTHER, "fork")]
            for done in [pool.submit(grow, *each) for each in asked]:
                done.result()
        assert len({label for _, label in taken}) == 1
        assert len({size for size, _ in taken}) == len(taken)


def test_it_leaves_cleanly_when_told(tmp_path: Path) -> None:
    with process(tmp_path) as (child, client):
        assert client.get("/healthz").status_code == 200
        child.send_signal(signal.SIGTERM)
        assert child.wait(10) == 0
        assert sorted(path.name for path in tmp_path.iterdir()) == ["witness.key", "witness.sqlite", "witness.vkey"]


def test_a_full_disk_gets_no_cosignature_and_loses_nothing(tmp_path: Path) -> None:
    with process(tmp_path) as (child, client):
        assert add(client, 0, 3).status_code == 200
        _, hard = resource.prlimit(child.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(child.pid, resource.RLIMIT_FSIZE, (1, hard))  # no file grows any more
        full = add(client, 3, 5)
        assert (full.status_code, "—" in full.text) == (503, False)
        assert seen(client) == 3
        resource.prlimit(child.pid, resource.RLIMIT_FSIZE, (hard, hard))
        assert add(client, 3, 4).status_code == 200


def test_a_slow_sender_holds_nobody_up(client: httpx2.Client) -> None:
    def trickle() -> Iterator[bytes]:
        yield b"old 0\n"
        time.sleep(0.5)
        yield b"\n"

    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(lambda: client.post("/add-checkpoint", content=trickle()).status_code)
        assert add(client, 0, 1).status_code in {200, 409}
        assert not slow.done()
        assert slow.result() == 400


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "--log is missing"),
        (["--log", "x"], "--log:"),
        (["--log", str(LOG.vkey), "--log", str(LOG.vkey)], "stands twice"),
        (["--log", "vkey", "--port", "x"], "usage"),
        (["--name", "a b", "--log", str(LOG.vkey)], "a key's name"),
    ],
)
def test_a_wrong_start_is_told_in_one_line_and_makes_no_key(tmp_path: Path, words: list[str], told: str) -> None:
    command = [sys.executable, "-m", "witness", "--home", str(tmp_path / "w"), "--name", NAME, *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode in {2, 3}
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "w" / "witness.key").exists()


def test_a_taken_port_is_told_with_what_to_do_and_makes_no_key(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        words = ["--log", str(LOG.vkey), "--port", str(taken.getsockname()[1])]
        test_a_wrong_start_is_told_in_one_line_and_makes_no_key(tmp_path, words, "choose another with --port")
