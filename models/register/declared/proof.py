"""What is declared of the log: it holds no personal data, so it stays when its subjects go."""

from app.domain.oversight.privacy import Basis, Erasure, Source
from app.domain.oversight.retention import PROOF
from models.register.kinds import ROW, Column, Retention, Table, internal, public


def _log(name: str, purpose: str, columns: dict[str, Column], key: tuple[str, ...]) -> Table:
    kept = Retention(PROOF)
    return Table(name, purpose, Basis.NONE, Source.DERIVED, kept, Erasure.STAYS, columns, key=key)


TABLES = (
    _log(
        "tlog_pending",
        "know which records the log has still to take",
        {"outbox_id": internal("which record waits")},
        ("outbox_id",),
    ),
    _log(
        "tlog_entry",
        "hold each record's place in the log",
        {
            "seq": public("its index"),
            "entry_id": internal("which record it commits to"),
            "leaf": public("class, previous index and salted commitment"),
            "leaf_hash": public("the hash of that"),
        },
        ("seq",),
    ),
    _log(
        "tlog_tile",
        "prove that an entry stands in the log, and that the log only grew",
        {
            "level": public("how high it stands in the tree"),
            "n": public("which tile of that level"),
            "data": public("its hashes"),
        },
        ("level", "n"),
    ),
    _log(
        "tlog_state",
        "let one sequencer at a time append",
        {
            "id": ROW,
            "size": public("how many entries there are"),
            "root": public("the root over them"),
            "published_size": public("how many the witnesses have seen"),
            "standing": internal("whether the log may be signed"),
            "witnessed_at_us": internal("when a quorum last answered"),
        },
        ("id",),
    ),
    _log(
        "tlog_policy",
        "judge each checkpoint by the policy of its time",
        {
            "number": public("which policy, in order"),
            "first_size": public("from which checkpoint on"),
            "policy": public("whom it trusts, byte for byte"),
            "signature": public("the log's signature under all that"),
            "kept_at_us": internal("when it was first published under"),
        },
        ("number",),
    ),
    _log(
        "tlog_checkpoint",
        "keep what was signed, once for each size",
        {
            "size": public("of how many entries"),
            "root": public("the root over them"),
            "body": public("the text that was signed"),
            "log_signature": public("the log's signature"),
            "cosignatures": public("the witnesses' lines"),
            "published_at_us": internal("when the quorum was there"),
        },
        ("size",),
    ),
)
