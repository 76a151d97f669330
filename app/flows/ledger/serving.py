"""The published log as anybody may read it: checkpoint, tiles of hashes, bundles of entries. No personal data is in it."""

from app.domain.proof.signed.keys import VerifierKey
from app.domain.proof.tree.tiles import HEIGHT, WIDTH, Tile, bundle
from app.doors.ledger import Ledger
from app.doors.public_log import LogSilent
from app.flows.ledger.proving import of_log, published_note
from app.flows.ledger.tree import TreeDamaged, tile_bytes
from models.connection import fetch
from models.proof import TlogCheckpoint


async def newest_checkpoint(log: VerifierKey) -> bytes | None:
    """The newest checkpoint that a quorum has cosigned; None before the first."""
    published = TlogCheckpoint.filter(published_at_us__isnull=False, body__startswith=of_log(log))
    head = await published.order_by("-size").first()
    return str(published_note(head, log)).encode() if head is not None else None


async def published_tile(tile: Tile) -> bytes | None:
    """A tile or bundle of the published tree, full or as it was when it was so wide; None where there is none."""
    head = await TlogCheckpoint.filter(published_at_us__isnull=False).order_by("-size").first()
    size = head.size if head is not None else 0
    if tile.index * WIDTH + tile.width > size >> (HEIGHT * (tile.level or 0)):
        return None
    if tile.level is None:
        return await _entries(tile)
    try:
        return await tile_bytes(tile)
    except TreeDamaged:
        return None


async def _entries(tile: Tile) -> bytes | None:
    rows = await fetch(
        "SELECT leaf FROM tlog_entry WHERE seq >= $1 ORDER BY seq LIMIT $2", tile.index * WIDTH, tile.width
    )
    return bundle(bytes(row["leaf"]) for row in rows) if len(rows) == tile.width else None


class StoredLog:
    """The same log, read out of the book instead of over HTTP."""

    def __init__(self, ledger: Ledger) -> None:
        self._log = ledger.key.vkey

    async def checkpoint(self) -> bytes:
        """See LogView."""
        told = await newest_checkpoint(self._log)
        if told is None:
            raise LogSilent("nothing was published yet: is a worker running?")
        return told

    async def tile(self, tile: Tile) -> bytes:
        """See LogView."""
        told = await published_tile(tile)
        if told is None:
            raise LogSilent(f"{tile.path}: not there")
        return told
