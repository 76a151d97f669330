"""Published vectors of trees and tiles: roots, proofs good and bad, paths, and a whole log of another implementation."""

import hashlib
from typing import Any

import pytest

from app.domain.proof.signed.checkpoint import Checkpoint
from app.domain.proof.signed.keys import SecretKey
from app.domain.proof.signed.note import open_note, sign_note
from app.domain.proof.tree import merkle, tiles
from app.domain.proof.tree.tiles import Tile
from app.doors.signing import SigningKey, verify
from tests.domain.proof.vectors import Tally, load, refuses


def test_roots() -> None:
    told, tally = load("rfc6962_roots"), Tally("rfc6962_roots")
    leaves = [merkle.leaf_hash(bytes.fromhex(entry)) for entry in told["leaf_inputs"]]
    nodes = merkle.nodes_of(leaves)
    for level, row in enumerate(told["node_hashes_by_level"]):
        for index, value in enumerate(row):
            tally.check(("node", level, index), holds=nodes(level, index).hex() == value)
    for size, value in enumerate(told["root_by_size"]):
        tally.check(("root", size), holds=merkle.root(size, nodes).hex() == value)
        edge = tiles.Edge()
        edge.append(leaves[:size])
        tally.check(("edge", size), holds=edge.root().hex() == value)
    tally.done(least=33)


def test_inclusion_proofs() -> None:
    tally = Tally("rfc6962_inclusion")
    for case in load("rfc6962_inclusion")["cases"]:
        leaf, root, *proof = map(bytes.fromhex, (case["leaf_hash"], case["root"], *case["proof"]))

        def judge(case: Any = case, leaf: bytes = leaf, root: bytes = root, proof: Any = proof) -> None:
            merkle.verify_inclusion(case["index"], case["size"], leaf, proof, root)

        wanted = case["valid"] and not case["dont_care_roots"]  # a root that is no hash is refused
        tally.check(case["id"], holds=refuses(judge) is not wanted)
    tally.done(least=98)


def test_consistency_proofs() -> None:
    tally = Tally("rfc6962_consistency")
    for case in load("rfc6962_consistency")["cases"]:
        old, new, *proof = map(bytes.fromhex, (case["root1"], case["root2"], *case["proof"]))

        def judge(case: Any = case, old: bytes = old, new: bytes = new, proof: Any = proof) -> None:
            merkle.verify_consistency(case["size1"], case["size2"], proof, old, new)

        wanted = case["valid"] and not case["dont_care_roots"]
        tally.check(case["id"], holds=refuses(judge) is not wanted)
    tally.done(least=98)


def test_every_root_and_proof_up_to_130_leaves() -> None:
    told, tally = load("rfc6962_accumulated_derived"), Tally("rfc6962_accumulated_derived")
    nodes = merkle.nodes_of([merkle.leaf_hash(bytes([number])) for number in range(told["leaves"])])
    sizes = range(told["leaves"] + 1)
    roots = [merkle.root(size, nodes) for size in sizes]

    def lines(kind: str) -> str:
        said = []
        for size in sizes:
            if kind == "roots":
                said.append(f"{size} {roots[size].hex()}")
            elif kind == "inclusion":
                for index in range(size):
                    proof = merkle.inclusion_proof(index, size, nodes)
                    merkle.verify_inclusion(index, size, nodes(0, index), proof, roots[size])
                    said.append(" ".join([str(index), str(size), *(value.hex() for value in proof)]))
            else:
                for old in range(1, size + 1):
                    proof = merkle.consistency_proof(old, size, nodes)
                    merkle.verify_consistency(old, size, proof, roots[old], roots[size])
                    said.append(" ".join([str(old), str(size), *(value.hex() for value in proof)]))
        return "".join(f"{line}\n" for line in said)

    for kind in ("roots", "inclusion", "consistency"):
        tally.check(kind, holds=hashlib.sha256(lines(kind).encode()).hexdigest() == told[kind]["sha256"])
    tally.done(least=3)


def test_accumulated_subtree_hashes() -> None:
    """The first of four digests: the hash of every subtree. The other three are of subtree proofs, which we do not make."""
    told, tally = load("mtc_accumulated"), Tally("mtc_accumulated")
    leaves = [merkle.leaf_hash(bytes([number])) for number in range(told["leaves"])]
    digest = hashlib.sha256()
    for end in range(told["leaves"] + 1):
        for start in range(end + 1):
            width = end - start
            if start and width and start % (1 << (width - 1).bit_length()):
                continue
            root = merkle.root(width, merkle.nodes_of(leaves[start:end]))
            digest.update(f"[{start}, {end}) {root.hex()}\n".encode())
    tally.check("subtree_hash", holds=digest.hexdigest() == told["subtree_hash"]["sha256"])
    tally.leave_out(3, "digests of subtree proofs: we have no subtree cosignatures")
    tally.done(least=1)


def test_subtree_proofs_are_of_a_format_that_the_log_does_not_have() -> None:
    told, tally = load("mtc_subtree_proofs"), Tally("mtc_subtree_proofs")
    whole = [case for case in told["subtree_inclusion"] if case["start"] == 0]
    for case in whole:  # a subtree from 0 is a tree: these are inclusion proofs like any
        leaf, root, *proof = map(bytes.fromhex, (case["leaf_hash"], case["root"], *case["proof"]))

        def judge(case: Any = case, leaf: bytes = leaf, root: bytes = root, proof: Any = proof) -> None:
            merkle.verify_inclusion(case["index"], case["end"], leaf, proof, root)

        tally.check(case["id"], holds=refuses(judge) is not case["valid"])
    rest = len(told["subtree_inclusion"]) - len(whole)
    tally.leave_out(rest, "subtree inclusions from a later start: we have no subtree cosignatures")
    tally.leave_out(len(told["subtree_consistency"]), "subtree consistencies: as above")
    tally.done(least=101)


def test_tile_paths() -> None:
    told, tally = load("tile_paths"), Tally("tile_paths")
    for case in told["index_encoding"]:
        path = f"tile/3/{case['path']}"
        tally.check(path, holds=Tile(3, case["n"]).path == path and Tile.at(path) == Tile(3, case["n"]))
        bundle = f"tile/entries/{case['path']}.p/7"
        tally.check(bundle, holds=Tile.at(bundle) == Tile(None, case["n"], 7) and Tile.at(bundle).path == bundle)
    for path in told["bad_paths"]:
        tally.check(path, holds=refuses(lambda path=path: Tile.at(path)))  # type: ignore[misc]
    for case in told["tiles_for_size"]:
        wanted = [(level["full"], level["partial_width"]) for level in case["levels"]]
        tally.check(case["size"], holds=list(tiles.widths(case["size"])) == wanted)
    for old, size, count in told["golang_height10_new_tiles"]:
        tally.check((old, size), holds=len(list(tiles.changed(old, size, height=10))) == count)
    tally.done(least=31)


def test_a_tree_of_three_hundred_leaves_in_tiles() -> None:
    told, tally = load("tile_tree_300"), Tally("tile_tree_300")
    leaves = [merkle.leaf_hash(f"record {number}".encode()) for number in range(300)]
    edge = tiles.Edge()
    written = {tile.path: data.hex() for tile, data in edge.append(leaves)}
    tally.check("tiles", holds=written == told["tiles"])
    root = told["checkpoint"].split("\n")[2]
    tally.check("root", holds=Checkpoint("x", 300, edge.root()).text().split("\n")[2] == root)
    read = tiles.nodes_in(300, lambda tile: bytes.fromhex(told["tiles"][tile.path]))
    for index, leaf in enumerate(leaves):
        proof = merkle.inclusion_proof(index, 300, read)
        merkle.verify_inclusion(index, 300, leaf, proof, edge.root())
    tally.check("proofs from tiles", holds=merkle.root(300, read) == edge.root())
    tally.done(least=3)


def test_the_writer_makes_another_implementations_log_byte_for_byte() -> None:
    told, tally = load("tessera_testlog"), Tally("tessera_testlog")
    key = SigningKey(SecretKey.parse(told["skey_test_only"]))
    tally.check("vkey", holds=str(key.vkey) == told["vkey"])
    entries = [entry.encode() for entry in told["entries"]]
    edge = tiles.Edge()
    resources: dict[str, bytes] = {}

    def publish() -> None:
        head = Checkpoint(key.vkey.name, edge.size, edge.root())
        signed = str(sign_note(head.text(), key.vkey, key.sign))
        tally.check(("checkpoint", edge.size), holds=signed == told["checkpoint_by_size"][edge.size])
        open_note(signed.encode(), [key.vkey], verify)

    publish()
    for number, entry in enumerate(entries):
        resources |= {tile.path: data for tile, data in edge.append([merkle.leaf_hash(entry)])}
        for tile in tiles.entry_tiles(number, number + 1):
            resources[tile.path] = tiles.bundle(entries[tile.index * tiles.WIDTH : number + 1])
        publish()
    tally.check("files", holds=set(resources) == set(told["resources_hex"]))
    for path, data in resources.items():
        tally.check(path, holds=data.hex() == told["resources_hex"][path])
    last = Tile.at("tile/entries/000.p/15")
    tally.check("entries", holds=tiles.entries_in(last, resources[last.path]) == entries)
    tally.done(least=49)


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 65_536, 65_537])
def test_the_edge_of_a_log_is_taken_up_again_from_its_partial_tiles(size: int) -> None:
    leaves = [number.to_bytes(32, "big") for number in range(size)]
    grown = tiles.Edge()
    grown.append(leaves)
    again = tiles.Edge(size, grown.rows)
    more = [b"\xee" * 32] * 300
    assert again.append(more) == grown.append(more)
    assert again.root() == grown.root() == merkle.root(size + 300, merkle.nodes_of(leaves + more))
