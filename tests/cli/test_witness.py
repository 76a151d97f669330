"""`clearline witness` becomes the witness's own program."""

import os
import subprocess
import sys
from pathlib import Path

from tests.domain.proof.a_log import LOG
from tests.needs import ROOT


def test_the_verb_starts_the_program_and_says_where_it_listens(tmp_path: Path) -> None:
    words = ["witness", "--name", "w.example/1", "--log", str(LOG.vkey), "--home", str(tmp_path), "--port", "0"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-m", "app", *words], cwd=tmp_path, env=env, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        said = child.stdout.readline()
        child.terminate()
        assert child.wait(10) == 0
    vkey = (tmp_path / "witness.vkey").read_text().strip()
    assert said.startswith(f"witness {vkey} listening on http://127.0.0.1:")
    assert vkey.startswith("w.example/1+")
