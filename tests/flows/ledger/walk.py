"""Random walks over everything that can go wrong between a consent and the bureau's register.

A walk is its seed: people apply, withdraw and apply again, workers and sequencers are cut off at any moment or step by
step, witnesses and bureau misbehave, days pass, the house is closed and opened again from the disk. After each step the
bureau's own register is held against the log. (The steps follow from the seed; the moment within a step at which a
thread of the database answers does not.)
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx2

from app.api.scalars import encode_id
from app.domain.consent.purpose import InquiryPurpose
from app.domain.proof.record import Leaf, RecordClass
from app.flows.credit.assessing import advance
from app.flows.ledger.publishing import sign_head
from app.flows.ledger.sequencer import Sequencer
from app.flows.ledger.sequencing import sequence
from models.connection import close_database, open_database
from models.consent import Consent, Inquiry
from models.credit import Application
from models.proof import TlogCheckpoint, TlogEntry, TlogState
from tests.flows.ledger.tables import wrong_with_the_log
from tests.flows.rounds import customer_id
from tests.services.witnesses import NAMES, witnesses_of_this_run
from tests.world import Person, World

PEOPLE = 3
CUT_TURNS_MAX = 120
SETTLE_ROUNDS_MAX = 40
WITNESS_FAULTS = ("", "", "", "503", "422", "GARBAGE", "LIES_BEHIND", "LIES_AHEAD")
BUREAU_FAULTS = (
    "TIMEOUT_BEFORE", "TIMEOUT_AFTER", "RESET", "HTTP_500_BEFORE", "HTTP_500_AFTER", "SLOW", "MALFORMED", "WRONG_SUBJECT",
    "REPORT_LOST",
)  # fmt: skip
STEPS = {
    "apply": 6, "work": 18, "cut_work": 10, "round": 8, "cut_round": 6, "sequence": 4, "sign": 4, "two_rounds": 2,
    "two_workers": 3, "withdraw": 2, "witness": 5, "bureau": 5, "restart": 2, "day": 1,
}  # fmt: skip


@dataclass(slots=True)
class Walk:
    """One walk of a house with people of its own."""

    world: World
    seed: int
    http: httpx2.AsyncClient
    people: list[Person] = field(default_factory=list)
    taken: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    random: Random = field(init=False)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)

    async def go(self, steps: int) -> None:
        """Take `steps` steps, then let everything be well and come to its end; `wrong` tells what gave way."""
        self.people = [await self.world.new() for _ in range(PEOPLE)]
        for number in range(steps):
            name = self.random.choices(list(STEPS), list(STEPS.values()))[0]
            self.taken[name] += 1
            await getattr(self, f"_{name}")()
            await self._look(f"seed {self.seed}, step {number}, {name}")
            if self.wrong:
                return
        await self._end()

    # ---- steps -----------------------------------------------------------------------------------------------

    async def _apply(self) -> None:
        person = self._somebody()
        await self.world.grant(person)
        await self.world.apply(person)

    async def _work(self) -> None:
        case = await self._case()
        if case is not None:
            await self._walk_case(case)

    async def _cut_work(self) -> None:
        case = await self._case()
        if case is not None:
            await self._cut(self._walk_case(case))

    async def _two_workers(self) -> None:
        case = await self._case()
        if case is not None:
            await asyncio.gather(self._walk_case(case), self._walk_case(case))

    async def _round(self) -> None:
        await self.world.sequencer.round()

    async def _cut_round(self) -> None:
        fresh = self._sequencer()
        await self._cut(fresh.round())
        await fresh.close()

    async def _two_rounds(self) -> None:
        fresh = self._sequencer()
        await asyncio.gather(self.world.sequencer.round(), fresh.round())
        await fresh.close()

    async def _sequence(self) -> None:
        """A sequencer that ends between its commit and its signature."""
        fresh = self._sequencer()
        if await fresh.check():
            await sequence(self.world.house.desk)

    async def _sign(self) -> None:
        """A sequencer that ends between its signature and the witnesses."""
        fresh, ledger = self._sequencer(), self.world.house.desk.ledger
        assert ledger is not None
        if await fresh.check():
            await sequence(self.world.house.desk)
            await sign_head(self.world.house.desk, ledger)

    async def _withdraw(self) -> None:
        person = self._somebody()
        owner = await customer_id(person)
        for consent in await Consent.filter(customer_id=owner, withdrawn_at__isnull=True, refused=False):
            await self.world.act("WithdrawConsent", person, consentId=encode_id("Consent", consent.id))

    async def _witness(self) -> None:
        witnesses_of_this_run().members[self.random.choice(NAMES)].fault = self.random.choice(WITNESS_FAULTS)

    async def _bureau(self) -> None:
        order: dict[str, Any] = {"subject": self._somebody().id_number, "fault": self.random.choice(BUREAU_FAULTS)}
        await self.http.post("/faults", json={**order, "seconds": 0.05 if order["fault"] == "SLOW" else 0.3})

    async def _restart(self) -> None:
        """Everything that was only in memory is gone; the books are opened again from the disk."""
        await self.world.sequencer.close()
        await close_database()
        await open_database(self.world.house.settings.database)
        self.world.sequencer = self._sequencer()

    async def _day(self) -> None:
        await self.world.advance(1)

    # ---- what they are made of -------------------------------------------------------------------------------

    def _somebody(self) -> Person:
        return self.random.choice(self.people)

    def _sequencer(self) -> Sequencer:
        return self.world.house.sequencer()

    async def _case(self) -> Application | None:
        owner = await customer_id(self._somebody())
        return await Application.filter(customer_id=owner).order_by("-id").first()

    async def _walk_case(self, case: Application) -> None:
        await advance(self.world.house.desk, InquiryPurpose.FIRST_APPLICATION, case.id, case.customer_id)

    async def _cut(self, doing: Any) -> None:
        """End an act at a moment of chance: what it has not committed is undone, what it sent is sent."""
        task = asyncio.ensure_future(doing)
        for _ in range(self.random.randrange(CUT_TURNS_MAX)):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    # ---- what must hold --------------------------------------------------------------------------------------

    async def _records(self, person: Person) -> list[dict[str, Any]]:
        answer = await self.http.post("/records/search", json={"subject": person.id_number})
        found: list[dict[str, Any]] = answer.json()["records"]
        return found

    async def _look(self, where: str) -> None:
        """At most one record for each permit, and each of an intent that the quorum had seen."""
        published = max(
            await TlogCheckpoint.filter(published_at_us__isnull=False).values_list("size", flat=True), default=0
        )
        for person in self.people:
            references = [record["reference"] for record in await self._records(person)]
            rows = await Inquiry.filter(id__in=references) if references else []
            if len(references) != len(set(references)) or len(references) != len({row.permit_id for row in rows}):
                self.wrong.append(f"{where}: a permit has two records, or a record has no inquiry")
            for row in rows:
                entry = await TlogEntry.get_or_none(entry_id=row.intent_entry_id)
                if entry is None or entry.seq >= published:
                    self.wrong.append(f"{where}: recorded at the bureau without a cosigned intent")

    async def _end(self) -> None:
        """All is well again: every case comes to its end, and the books agree with the register."""
        witnesses_of_this_run().behave()
        await self.http.delete("/faults")
        fresh = self._sequencer()
        owners = [await customer_id(person) for person in self.people]
        for _ in range(SETTLE_ROUNDS_MAX):
            await fresh.check()
            await fresh.round()
            for case in await Application.filter(customer_id__in=owners):
                await self._walk_case(case)
        await fresh.round()
        await fresh.close()
        for person, owner in zip(self.people, owners, strict=True):
            told = await self.world.inquiry_count(person)
            if told < len(await self._records(person)):
                self.wrong.append(f"seed {self.seed}: the customer is told of fewer inquiries than the bureau holds")
            waiting = await Inquiry.filter(
                customer_id=owner, state__in=("INTENT_PENDING", "SENDING"), closed_at__isnull=True
            )
            self.wrong += [f"seed {self.seed}: {row.state} has no end" for row in waiting]
        state = await TlogState.get(id=1)
        if state.published_size != state.size:
            self.wrong.append(f"seed {self.seed}: {state.size - state.published_size} entries were never published")
        self.wrong += [f"seed {self.seed}: {what}" for what in await wrong_with_the_log(self.world)]
        self.wrong += [f"seed {self.seed}: {what}" for what in await self._unended()]

    async def _unended(self) -> list[str]:
        """Intents of closed inquiries without an outcome, and outcomes without an intent."""
        leaves = [Leaf.parse(bytes(entry.leaf)) for entry in await TlogEntry.all().order_by("seq")]
        intents = {seq for seq, leaf in enumerate(leaves) if leaf.kind is RecordClass.INQUIRY_INTENT}
        ended = {leaf.previous for leaf in leaves if leaf.kind is RecordClass.INQUIRY_OUTCOME}
        place = {entry.entry_id: entry.seq for entry in await TlogEntry.all()}
        open_ones = {place.get(row.intent_entry_id) for row in await Inquiry.filter(closed_at__isnull=True)}
        return [f"the intent {seq} has no outcome" for seq in intents - ended - open_ones] + [
            f"the outcome of {seq} has no intent" for seq in ended - intents
        ]
