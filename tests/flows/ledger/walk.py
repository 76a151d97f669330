"""Random walks over everything that can go wrong between a consent and the bureau's register.

A walk is its seed: people apply, withdraw and apply again, workers and sequencers are cut off at any moment or step by
step, witnesses and bureau misbehave, days pass, the house is closed and opened again from the disk. After each step the
bureau's own register is held against the log. (The steps follow from the seed; the moment within a step at which a
thread of the database answers does not.) `tests/flows/ledger/walking.py` takes many of them.
"""

import asyncio
import json
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection
from random import Random
from typing import Any
from uuid import UUID

import httpx2
from tortoise.expressions import Q

from app.api.scalars import encode_id
from app.domain.consent.inquiry import InquiryState
from app.domain.consent.purpose import InquiryPurpose
from app.domain.proof.record import Leaf, RecordClass
from app.flows.credit.assessing import advance
from app.flows.ledger.publishing import sign_head
from app.flows.ledger.sequencer import Sequencer
from app.flows.ledger.sequencing import sequence
from models.connection import close_database, open_database
from models.consent import Consent, Inquiry
from models.credit import Application, CreditLine, LimitIncrease
from models.proof import TlogCheckpoint, TlogEntry, TlogState
from tests.flows.ledger.tables import wrong_with_the_log
from tests.flows.rounds import customer_id
from tests.services.witnesses import NAMES, witnesses_of_this_run
from tests.world import Person, World

PEOPLE = 3
KINDS = ("APPROVED", "APPROVED", "APPROVED", "THIN_FILE", "BUREAU_TIMES_OUT", "DECLINED", "MISMATCH")
RECORDS_AT_ONCE = 500
CUT_TURNS_MAX = 120
STEP_SECONDS_MAX = 60
SETTLE_ROUNDS_MAX = 40
WITNESS_FAULTS = ("", "", "", "", "", "", "503", "422", "GARBAGE", "LIES_BEHIND", "LIES_AHEAD")
BUREAU_FAULTS = (
    "TIMEOUT_BEFORE", "TIMEOUT_AFTER", "RESET", "HTTP_500_BEFORE", "HTTP_500_AFTER", "SLOW", "MALFORMED", "WRONG_SUBJECT",
    "REPORT_LOST", "LATE", "TWICE", "DRIP", "UNKNOWN_CODE", "PARTIAL", "STALE", "LIES_NOT_RECORDED", "LIES_RECORDED",
    "SKEW",  # last: a seed's steps stay as they were up to the first of these
)  # fmt: skip
SKEW_SECONDS = (3600, -3600, 600, -2 * 24 * 3600)
"""The bureau's clock: past the permit, which it refuses; behind; ahead, while the permit lives; so far that no report fits."""
LIES = frozenset({"LATE", "LIES_NOT_RECORDED"})
"""The bureau says that it recorded nothing when it has, or will: what is given up then, only its own list can tell."""
STEPS = {
    "apply": 6, "work": 18, "cut_work": 10, "round": 8, "cut_round": 6, "sequence": 4, "sign": 4, "two_rounds": 2,
    "two_workers": 3, "withdraw": 2, "witness": 5, "bureau": 5, "restart": 2, "day": 1, "more": 4,
}  # fmt: skip
Row = Application | LimitIncrease


@dataclass(slots=True)
class Walk:
    """One walk of a house with people of its own."""

    world: World
    seed: int
    http: httpx2.AsyncClient
    people: list[Person] = field(default_factory=list)
    everybody: list[Person] = field(default_factory=list)
    ids: dict[str, UUID] = field(default_factory=dict)
    permit_of: dict[str, UUID] = field(default_factory=dict)
    lied_about: set[str] = field(default_factory=set)
    read_up_to: int = 0
    taken: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    random: Random = field(init=False)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)

    async def go(self, steps: int) -> None:
        """Take `steps` steps, then let everything be well and come to its end; `wrong` tells what gave way."""
        for _ in range(PEOPLE):
            await self._welcome()
        for number in range(steps):
            name = self.random.choices(list(STEPS), list(STEPS.values()))[0]
            self.taken[name] += 1
            where = f"seed {self.seed}, step {number}, {name}"
            try:
                async with asyncio.timeout(STEP_SECONDS_MAX):
                    await getattr(self, f"_{name}")()
                    await self._look(where)
            except TimeoutError:
                self.wrong.append(f"{where}: it hangs")
            if self.wrong:
                return
        await self._end()

    # ---- steps -----------------------------------------------------------------------------------------------

    async def _apply(self) -> None:
        """Somebody agrees and applies; whose application has been decided makes room for somebody new."""
        person = self._somebody()
        case = await Application.filter(customer_id=self.ids[person.token]).order_by("-id").first()
        if case is not None and case.status == "DECIDED":
            self.people.remove(person)
            person = await self._welcome()
        await self.world.grant(person)
        await self.world.apply(person)

    async def _more(self) -> None:
        """Somebody takes what was offered, and asks for more."""
        person = self._somebody()
        owner = self.ids[person.token]
        case = await Application.filter(customer_id=owner, status="DECIDED").order_by("-id").first()
        if case is not None:
            await self.world.act("AcceptOffer", person, applicationId=encode_id("Application", case.id))
        line = await CreditLine.get_or_none(customer_id=owner)
        if line is not None:
            await self.world.grant(person, "LIMIT_INCREASE")
            more = {"amount": f"{line.limit_minor // 100 + 100}.00", "currency": "CNY"}
            await self.world.act("AskForMore", person, lineId=encode_id("CreditLine", line.id), limit=more)

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
        owner = self.ids[person.token]
        for consent in await Consent.filter(customer_id=owner, withdrawn_at__isnull=True, refused=False):
            await self.world.act("WithdrawConsent", person, consentId=encode_id("Consent", consent.id))

    async def _witness(self) -> None:
        witnesses_of_this_run().members[self.random.choice(NAMES)].fault = self.random.choice(WITNESS_FAULTS)

    async def _bureau(self) -> None:
        person, fault = self._somebody(), self.random.choice(BUREAU_FAULTS)
        order: dict[str, Any] = {
            "subject": person.id_number,
            "fault": fault,
            "seconds": 0.05 if fault == "SLOW" else 0.3,
        }
        if fault == "SKEW":
            order["seconds"] = SKEW_SECONDS[self.taken["bureau"] % len(SKEW_SECONDS)]
        if fault in LIES:
            self.lied_about.add(person.id_number)
        await self.http.post("/faults", json=order)

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

    async def _welcome(self) -> Person:
        person = await self.world.new(self.random.choice(KINDS))
        self.people.append(person)
        self.everybody.append(person)
        self.ids[person.token] = await customer_id(person)
        return person

    async def _case(self) -> Row | None:
        owner = self.ids[self._somebody().token]
        increase = await LimitIncrease.filter(customer_id=owner).order_by("-id").first()
        return increase or await Application.filter(customer_id=owner).order_by("-id").first()

    async def _walk_case(self, case: Row) -> None:
        first = isinstance(case, Application)
        purpose = InquiryPurpose.FIRST_APPLICATION if first else InquiryPurpose.LIMIT_INCREASE
        await advance(self.world.house.desk, purpose, case.id, case.customer_id)

    async def _cut(self, doing: Any) -> None:
        """End an act at a moment of chance: what it has not committed is undone, what it sent is sent."""
        task = asyncio.ensure_future(doing)
        for _ in range(self.random.randrange(CUT_TURNS_MAX)):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    # ---- what must hold --------------------------------------------------------------------------------------

    async def _look(self, where: str) -> None:
        """At most one record for each permit, and each of an intent that the quorum had seen."""
        for record in self._recorded():
            self.read_up_to = record["n"]
            self.wrong += [f"{where}: {what}" for what in await self._wrong_with(record["reference"])]

    def _recorded(self) -> list[dict[str, Any]]:
        """What has come to the register since the last look. It is asked after each step, so by the leanest client."""
        asked = {"institution": self.world.house.settings.institution, "limit": RECORDS_AT_ONCE}
        with closing(HTTPConnection(self.http.base_url.netloc.decode(), timeout=STEP_SECONDS_MAX)) as line:
            body = json.dumps({**asked, "after": self.read_up_to})
            line.request("POST", "/records/search", body, {"content-type": "application/json"})
            found: list[dict[str, Any]] = json.loads(line.getresponse().read())["records"]
        return found

    async def _wrong_with(self, reference: str) -> list[str]:
        """What is wrong with a record that has come to the bureau's register since the last look."""
        inquiry = await Inquiry.get_or_none(id=reference)
        if inquiry is None:
            return ["the bureau recorded what we never asked"]
        if reference in self.permit_of or inquiry.permit_id in self.permit_of.values():
            return ["a permit has two records"]
        self.permit_of[reference] = inquiry.permit_id
        head = await TlogCheckpoint.filter(published_at_us__isnull=False).order_by("-size").first()
        entry = await TlogEntry.get_or_none(entry_id=inquiry.intent_entry_id)
        seen = head is not None and entry is not None and entry.seq < head.size
        return [] if seen else ["recorded at the bureau without a cosigned intent"]

    async def _end(self) -> None:
        """All is well again: every case comes to its end, and the books agree with the register."""
        witnesses_of_this_run().behave()
        await self.http.delete("/faults")
        fresh = self._sequencer()
        owners = list(self.ids.values())
        for _ in range(SETTLE_ROUNDS_MAX):
            await fresh.check()
            await fresh.round()
            cases = await self._unfinished(owners)
            for case in cases:
                await self._walk_case(case)
            if not cases:
                break
        await fresh.round()
        await fresh.close()
        await self._look(f"seed {self.seed}, the end")
        recorded = Counter(row.customer_id for row in await Inquiry.filter(id__in=list(self.permit_of)))
        for person, owner in zip(self.everybody, owners, strict=True):
            if await self.world.inquiry_count(person) < recorded[owner] and person.id_number not in self.lied_about:
                self.wrong.append(f"seed {self.seed}: the customer is told of fewer inquiries than the bureau holds")
        waiting = await Inquiry.filter(state__in=("INTENT_PENDING", "SENDING"), closed_at__isnull=True)
        self.wrong += [f"seed {self.seed}: {row.state} has no end" for row in waiting]
        state = await TlogState.get(id=1)
        if state.published_size != state.size:
            self.wrong.append(f"seed {self.seed}: {state.size - state.published_size} entries were never published")
        self.wrong += [f"seed {self.seed}: {what}" for what in await wrong_with_the_log(self.world)]
        self.wrong += [f"seed {self.seed}: {what}" for what in await self._unended()]

    async def _unfinished(self, owners: list[UUID]) -> list[Row]:
        """Cases that may still move: undecided, or ended while an answer was on its way, which must be destroyed."""
        moving = [state.value for state in InquiryState if state != InquiryState.RECORDED_NO_REPORT]
        awaited = await Inquiry.filter(customer_id__in=owners, closed_at__isnull=True, state__in=moving)
        ids = [row.application_id or row.limit_increase_id for row in awaited]
        return [
            *await Application.filter(Q(id__in=ids) | Q(status="RECEIVED"), customer_id__in=owners),
            *await LimitIncrease.filter(Q(id__in=ids) | Q(status="RECEIVED"), customer_id__in=owners),
        ]

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
