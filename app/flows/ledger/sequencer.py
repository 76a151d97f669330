"""The sequencer: append what waits, sign, convince the witnesses, publish. Several may run; the state row keeps them apart."""

import asyncio
import secrets
from collections.abc import Awaitable

import structlog

from app.clock import real_now_us
from app.domain.proof.signed.keys import Line
from app.domain.proof.standing import Standing
from app.doors.ledger import Ledger
from app.doors.witnesses import Cosigned, Disagrees, Elsewhere, Unwilling
from app.flows.ledger.publishing import Head, WouldFork, publish, sign_head
from app.flows.ledger.sequencing import BATCH_MAX, sequence
from app.flows.ledger.standing import keep_standing, look, present_standing
from app.flows.ledger.tree import TreeDamaged, consistency, root_at
from app.flows.unit import LOG_WAKE_UP, Desk

INTERVAL_SECONDS = 0.05
IDLE_SECONDS = 2.0
TROUBLE_SECONDS = 1.0
DOUBT_US = 5 * 1_000_000
STRAGGLERS_SECONDS = 0.05
LEASE_SECONDS = 6
TRIES_MAX = 3

_log = structlog.get_logger("sequencer")
_Reply = tuple[int, Cosigned | Elsewhere | Disagrees | Unwilling]


class Sequencer:
    """One sequencer of one process. What it remembers of the witnesses is a hint; the tables and they are the truth."""

    def __init__(self, desk: Desk, ledger: Ledger) -> None:
        self._desk = desk
        self._ledger = ledger
        self._standing = Standing.UNCHECKED
        self._doubted = False
        self._checked_us = 0
        self._sizes: dict[str, int] = {}
        self._signed: Head | None = None
        self._asking: dict[str, asyncio.Task[_Reply]] = {}
        self._turn = asyncio.Lock()
        self._stopping = asyncio.Event()
        self._name = secrets.token_hex(8)

    def stop(self) -> None:
        """Finish the round and begin no other."""
        self._stopping.set()

    async def run(self) -> None:
        """Work until stopped: at once when woken, every `INTERVAL_SECONDS` at most, and every `IDLE_SECONDS` at least."""
        async with self._desk.cache.waiting(LOG_WAKE_UP) as waiter:
            while not self._stopping.is_set():
                if not await self._desk.cache.lease("sequencer", self._name, LEASE_SECONDS):
                    await self._rest(waiter.wait(IDLE_SECONDS))
                    continue
                began = real_now_us()
                try:
                    more = await self.round()
                except Exception as error:  # noqa: BLE001 - the edge: a database away must not end the sequencer
                    _log.error("sequencer waits", fault=type(error).__name__, exc_info=error)
                    await self._rest(asyncio.sleep(TROUBLE_SECONDS))
                    continue
                if self._standing is not Standing.FIT:
                    await self._rest(asyncio.sleep(TROUBLE_SECONDS))
                elif not more:
                    await self._rest(waiter.wait(IDLE_SECONDS))
                    spent = (real_now_us() - began) / 1_000_000
                    await self._rest(asyncio.sleep(max(0.0, INTERVAL_SECONDS - spent)))
        await self.close()

    async def close(self) -> None:
        """Let go of the witnesses that are still being asked."""
        for task in self._asking.values():
            task.cancel()
        await asyncio.gather(*self._asking.values(), return_exceptions=True)
        self._asking.clear()

    async def round(self) -> bool:
        """Check the standing if need be, append, sign, publish; whether more waits already. One round at a time.

        Raises:
            StillWorking: the tables were locked for too long; nothing is lost.
            TreeDamaged: as `sequence`.
        """
        async with self._turn:
            return await self._round()

    async def _round(self) -> bool:
        doubt = self._doubted and abs(real_now_us() - self._checked_us) > DOUBT_US
        if (
            not (
                self._standing is Standing.FIT
                and not doubt
                and await present_standing() is Standing.FIT  # another sequencer may have found otherwise
                and await self._begins_with_what_was_signed()
            )
            and not await self.check()
        ):
            return False
        taken = await sequence(self._desk)
        try:
            head = await sign_head(self._desk, self._ledger)
        except WouldFork as fork:
            await self._stand(Standing.FORKED)
            _log.error("the log is not signed", fault=str(fork))
            return False
        if head is not None:
            self._signed = head
            await self._convince(head)
        return taken == BATCH_MAX

    async def _begins_with_what_was_signed(self) -> bool:
        """A database that fell back to an older copy under a running sequencer raises nothing: only the tree tells it."""
        if self._signed is None:
            return True
        try:
            return await root_at(self._signed.size) == self._signed.root
        except TreeDamaged:
            return False

    async def check(self) -> bool:
        """Ask every witness for its last checkpoint; whether the tree may be signed."""
        self._checked_us, self._doubted, self._signed = real_now_us(), False, None
        try:
            looked = await look(self._ledger)
        except TreeDamaged as damage:
            _log.error("the log is not signed", fault=str(damage))
            await self._stand(Standing.FORKED)
            return False
        self._sizes |= looked.sizes
        await self._stand(looked.standing)
        if looked.standing is Standing.FORKED:
            _log.error(
                "the log is not signed", fault="a witness holds a checkpoint that this tree does not begin with"
            )
        return looked.standing is Standing.FIT

    async def _stand(self, standing: Standing) -> None:
        await keep_standing(self._desk, standing)
        self._standing = standing  # last: what could not be written down is found out anew

    async def _convince(self, head: Head) -> None:
        """Collect lines until they are the quorum, publish, and give the rest a moment to be in the same checkpoint."""
        for name in self._ledger.policy.witnesses:
            if name not in self._asking:
                self._asking[name] = asyncio.create_task(self._ask(name, head))
        lines: dict[str, Line] = {}
        while self._asking and not self._ledger.policy.reached(frozenset(lines)):
            await asyncio.wait(self._asking.values(), return_when=asyncio.FIRST_COMPLETED)
            lines |= await self._harvest(head)
        published = bool(lines) and await publish(self._desk, self._ledger, head, lines.values())
        if published and self._asking:
            await asyncio.wait(self._asking.values(), timeout=STRAGGLERS_SECONDS)
            if late := await self._harvest(head):
                await publish(self._desk, self._ledger, head, late.values())
        if not published and self._standing is Standing.FIT:
            await self._stand(Standing.NO_QUORUM)

    async def _harvest(self, head: Head) -> dict[str, Line]:
        """The lines under `head` that have come meanwhile, by witness; whoever speaks of another tree is looked at."""
        lines: dict[str, Line] = {}
        for name, task in [(name, task) for name, task in self._asking.items() if task.done()]:
            del self._asking[name]
            size, reply = task.result()
            if isinstance(reply, Cosigned):
                self._sizes[name] = max(size, self._sizes.get(name, 0))
                if size == head.size:
                    lines[name] = reply.line
            elif isinstance(reply, Elsewhere | Disagrees):
                self._doubted = True  # it speaks of another tree: a lie, another sequencer, or a fork
        return lines

    async def _ask(self, name: str, head: Head) -> _Reply:
        """Ask one witness to follow to `head`, from the size that it says it is at."""
        reply: Cosigned | Elsewhere | Disagrees | Unwilling = Unwilling("NOT_ASKED")
        old = min(self._sizes.get(name, 0), head.size)
        for _ in range(TRIES_MAX):
            proof = await consistency(old, head.size)
            reply = await self._ledger.witnesses.add_checkpoint(name, old, proof, head.signed)
            if not isinstance(reply, Elsewhere) or reply.size > head.size:
                break
            old = reply.size
        return head.size, reply

    async def _rest(self, waiting: Awaitable[object]) -> None:
        rest = asyncio.ensure_future(waiting)
        stop = asyncio.ensure_future(self._stopping.wait())
        _, left = await asyncio.wait({rest, stop}, return_when=asyncio.FIRST_COMPLETED)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
