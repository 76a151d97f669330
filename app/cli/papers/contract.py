"""Printing the contract: SDL from the code, and the register of trusted operations from the operation files."""

import hashlib
import json

from graphql import OperationDefinitionNode, build_schema, parse, validate

from app.api.schema import sdl
from app.settings import ROOT

FOLDER = ROOT / "graphql"


class OperationInvalid(Exception):
    """An operation file does not fit the contract."""


def export(*, check: bool) -> list[str]:
    """Write (or, with `check`, only compare) every file of the contract; the names of those that changed."""
    sandbox_sdl = sdl(sandbox=True)
    files = {
        "schema.graphql": sdl(sandbox=False),
        "schema.sandbox.graphql": sandbox_sdl,
        "trusted.json": _trusted(sandbox_sdl),
    }
    changed = []
    for name, text in files.items():
        path = FOLDER / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            changed.append(name)
            if not check:
                path.write_text(text, encoding="utf-8")
    return changed


def _trusted(contract: str) -> str:
    """The manifest of operations, in the format that client builds make: ids are SHA-256 of the body."""
    schema = build_schema(contract)
    operations = []
    for path in sorted((FOLDER / "operations").glob("*.graphql")):
        body = path.read_text(encoding="utf-8")
        document = parse(body)
        faults = validate(schema, document)
        definitions = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
        if faults or len(definitions) != 1 or definitions[0].name is None:
            raise OperationInvalid(f"{path.name}: {faults[0].message if faults else 'one named operation a file'}")
        operations.append(
            {
                "id": hashlib.sha256(body.encode()).hexdigest(),
                "name": definitions[0].name.value,
                "type": definitions[0].operation.value,
                "body": body,
            }
        )
    manifest = {"format": "apollo-persisted-query-manifest", "version": 1, "operations": operations}
    return json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
