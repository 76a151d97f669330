"""A log that asks witnesses, and witnesses as processes of their own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2

from app.domain.proof import witness as law
from app.domain.proof.signed import note
from app.domain.proof.signed.checkpoint import Checkpoint
from app.domain.proof.signed.keys import Line, VerifierKey
from app.domain.proof.tree import merkle
from app.doors.signing import verify
from tests.domain.proof.a_log import LOG, ORIGIN
from tests.needs import ROOT

NAME = "north.example/w"
LEAVES = [merkle.leaf_hash(b"%d" % number) for number in range(400)]
NODES = merkle.nodes_of(LEAVES)
OTHER = merkle.nodes_of([LEAVES[1], LEAVES[0], *LEAVES[2:]])
PLACE = law.place(ORIGIN)


def body(old: int, size: int, nodes: merkle.Nodes = NODES) -> bytes:
    """What the log sends for its tree of `size` leaves to a witness that has seen `old`."""
    head = Checkpoint(ORIGIN, size, merkle.root(size, nodes))
    return law.request(
        old, merkle.consistency_proof(old, size, nodes), note.sign_note(head.text(), LOG.vkey, LOG.sign)
    )


def add(client: httpx2.Client, old: int, size: int, nodes: merkle.Nodes = NODES) -> httpx2.Response:
    return client.post("/add-checkpoint", content=body(old, size, nodes))


def cosigned(answer: httpx2.Response, size: int, witness: VerifierKey, nodes: merkle.Nodes = NODES) -> bool:
    """Whether the answer is the witness's cosignature under that tree."""
    head = Checkpoint(ORIGIN, size, merkle.root(size, nodes))
    signed = note.Note(head.text(), (Line.parse(answer.text.removesuffix("\n")),))
    return note.opened(signed, [witness], verify).verified[0][0] == witness


def seen(client: httpx2.Client) -> int:
    """The size of the last tree that the witness shows."""
    shown = client.get(f"/{PLACE}/checkpoint")
    return int(shown.text.split("\n")[1]) if shown.status_code == 200 else 0


def vkey_in(home: Path) -> VerifierKey:
    return VerifierKey.parse((home / "witness.vkey").read_text().strip())


@contextmanager
def process(
    home: Path, *more: str, module: str = "witness", **env: str
) -> Iterator[tuple["subprocess.Popen[str]", httpx2.Client]]:
    """A witness on a free port, ready, with a client; killed in the end if it still runs."""
    command = [
        sys.executable,
        "-m",
        module,
        "--home",
        str(home),
        "--name",
        NAME,
        "--log",
        str(LOG.vkey),
        "--port",
        "0",
        *more,
    ]
    with subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT), **env}, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        try:
            said = child.stdout.readline()
            assert said.startswith("witness "), said
            with httpx2.Client(base_url=said.split(" listening on ")[1].strip(), timeout=10) as client:
                yield child, client
        finally:
            child.kill()
