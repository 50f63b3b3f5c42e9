"""The calls of an invented company over twelve weeks: services that use DeepSeek, each with habits of its own.

August and September are as usual, but for prices. October is told so that its review has something to find:

    30 Sep  the intranet's chat is switched off                                            a line that ends
     1 Oct  China is on holiday until the 7th: no peak prices, few documents of suppliers  price windows, requests
     5 Oct  search is on the intranet's first page, and is asked more every week           requests
     6 Oct  contracts are checked, on Pro                                                  a new line
    12 Oct  the nightly extraction waits for cheap hours, but for Wednesdays' by hand      price windows
    15 Oct  drafts of reports move from Pro to Flash                                       routing
    17 Oct  somebody tries things over a weekend, with a key that belongs to no team       what is not allocated
    20 Oct  a template puts the time at the head of the coding agents' prompts: no prompt  cache hits, an anomaly
            begins like the one before, until the morning of the 22nd
    28 Oct  a new check refuses all that the extraction brings, and the job asks again     failed requests, an anomaly
            and again until somebody stops it
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dice import Dice

DAYS = [datetime(2026, 8, 10, tzinfo=UTC) + timedelta(days=day) for day in range(83)]
END = DAYS[-1] + timedelta(days=1)
TRIAL = datetime(2026, 8, 26, 13, tzinfo=UTC)
RENAMED = datetime(2026, 9, 10, 4, tzinfo=UTC)  # from here on Flash is called deepseek-flash
INTRANET_OFF = datetime(2026, 10, 1, tzinfo=UTC)
HOLIDAY = (datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 10, 8, tzinfo=UTC))
FIRST_PAGE = datetime(2026, 10, 5, tzinfo=UTC)
CONTRACTS = datetime(2026, 10, 6, tzinfo=UTC)
CHEAP_NIGHTS = datetime(2026, 10, 12, tzinfo=UTC)
DRAFTS_ON_FLASH = datetime(2026, 10, 15, tzinfo=UTC)
TRIES = (datetime(2026, 10, 17, tzinfo=UTC), datetime(2026, 10, 18, tzinfo=UTC))
TIME_FIRST = (datetime(2026, 10, 20, tzinfo=UTC), datetime(2026, 10, 22, 7, tzinfo=UTC))
STORM = datetime(2026, 10, 28, tzinfo=UTC)

LEGACY_FLASH, FLASH, PRO = "deepseek-v4-flash", "deepseek-flash", "deepseek-v4-pro"
EXTRACTION = ("/batch/extract", PRO, None, "svc-batch", "finance")
# Sessions in each hour of a European and American working day, from 00:00 UTC on.
BUSY = (1, 1, 1, 0, 0, 1, 3, 7, 10, 11, 10, 8, 8, 10, 13, 14, 12, 10, 8, 7, 6, 5, 3, 2)
HOURS = [hour for hour, sessions in enumerate(BUSY) for _ in range(sessions)]


@dataclass(frozen=True)
class Call:
    """One call as it was; logs tell of it in their own words."""

    id: str
    at: datetime
    endpoint: str
    model: str
    session: str | None
    key: str
    team: str | None
    prompt: int
    hit: int
    output: int
    reasoning: int = 0
    failed: bool = False
    measured: bool = True

    @property
    def latency(self) -> int:
        """Milliseconds to the answer's end: reading is quick, writing is not."""
        return 350 + self.prompt // 40 + self.output * 13

    @property
    def end(self) -> datetime:
        """When it was answered."""
        return self.at + timedelta(milliseconds=self.latency)


def moments(dice: Dice, day: datetime, on_workdays: int, on_weekends: int) -> Iterator[datetime]:
    """Moments of a day at which the team is likely to be at work, about so many."""
    usual = on_workdays if day.weekday() < 5 else on_weekends
    for _ in range(dice.between(usual * 2 // 3, usual * 4 // 3)):
        yield day + timedelta(hours=dice.pick(HOURS), milliseconds=dice.between(0, 3_599_999))


def in_holiday(at: datetime) -> bool:
    """Whether Chinese suppliers are on holiday."""
    return HOLIDAY[0] <= at < HOLIDAY[1]


def cached(known: int) -> int:
    """What the provider's cache serves of a known prefix: whole units of 128 tokens."""
    return known // 128 * 128


def chat(dice: Dice) -> Iterator[Call]:
    """Conversations that grow: each turn sends all that was said before, and the cache mostly still has it.

    Support follows the new model name, nobody touches the intranet's until it goes, the expert desk reasons on Pro.
    """
    for start in (at for day in DAYS for at in moments(dice, day, 6, 2)):
        desk, system = dice.pick([("support", 1310)] * 4 + [("intranet", 760), ("expert", 1835)])
        session, at, prompt, known = f"c-{dice.hex(10)}", start, system + dice.about(150), system
        for _ in range(dice.between(1, 8)):
            if at >= (INTRANET_OFF if desk == "intranet" else END):
                break
            flash = FLASH if desk == "support" and at >= RENAMED else LEGACY_FLASH
            thought = dice.about(420) if desk == "expert" else 0
            answer = dice.about(230)
            names = (f"/chat/{desk}", PRO if desk == "expert" else flash, session, f"svc-{desk}", "care")
            call = Call(dice.uuid(), at, *names, prompt, cached(known), thought + answer, thought)
            yield call
            known = prompt if thought else prompt + answer  # thoughts are not sent again: the prefix ends there
            prompt += answer + dice.about(240)
            at = call.end + timedelta(seconds=dice.between(15, 300))
            if dice.once_in(25):  # back after lunch, and the cache has let go of all but what everybody shares
                at, known = at + timedelta(hours=dice.between(2, 5)), system


def rag(dice: Dice) -> Iterator[Call]:
    """Questions on documents: one shared prefix of instructions, other documents each time, short answers."""
    for day in DAYS:
        weeks = max(0, (day - FIRST_PAGE).days // 7 + 1)
        for at in moments(dice, day, 16 + 4 * weeks, 4 + weeks):
            names = ("/rag/answer", LEGACY_FLASH, None, "svc-search", "knowledge")
            hit = 0 if dice.once_in(20) else 2944
            yield Call(dice.uuid(), at, *names, 2990 + dice.about(4800), hit, dice.about(130))


def contracts(dice: Dice) -> Iterator[Call]:
    """Suppliers' contracts, read by Pro as a whole, since October."""
    for day in DAYS:
        for at in moments(dice, day, 2, 0) if day >= CONTRACTS else ():
            names = ("/contracts/check", PRO, None, "svc-contracts", "finance")
            thought = dice.about(1300)
            sizes = (9000 + dice.about(22_000), dice.pick((0, 2048, 2048)), thought + dice.about(900), thought)
            yield Call(dice.uuid(), at, *names, *sizes)


def trial(dice: Dice) -> Iterator[Call]:
    """Somebody tries a model of another provider for an afternoon, through the same gateway."""
    for minute in range(0, 42, 6):
        at = TRIAL + timedelta(minutes=minute, seconds=dice.between(0, 59))
        names = ("/chat/trial", "acme-chat-9b", None, "svc-lab", "knowledge")
        yield Call(dice.uuid(), at, *names, dice.about(900), 0, dice.about(200))


def tries(dice: Dice) -> Iterator[Call]:
    """A weekend with a key of nobody's: the search on Pro, and that other provider's model once more."""
    for day in TRIES:
        for number in range(12):
            at = day + timedelta(hours=13 + number // 3, minutes=20 * (number % 3) + dice.between(0, 15))
            names = ("/rag/answer", PRO, None, "sandbox", None)
            sizes = (2990 + dice.about(4800), 2944 if number else 0, dice.about(200))
            if number % 5 == 3:
                names, sizes = ("/chat/trial", "acme-chat-9b", None, "sandbox", None), (dice.about(900), 0, 190)
            yield Call(dice.uuid(), at, *names, *sizes)


def agents(dice: Dice) -> Iterator[Call]:
    """Agents on Pro: coding takes many steps, tool results piling up to 200,000 tokens, mostly from the cache.

    One step in 20 writes a whole file at once. Reviews are short: a large new diff, a few steps.
    """
    for number, start in ((number, at) for day in DAYS for number, at in enumerate(moments(dice, day, 2, 0))):
        coding = number == 0 or dice.once_in(6)  # every working day has some of it
        session, at, known = f"a-{dice.hex(10)}", start, 8960
        prompt = 9050 + dice.about(2500 if coding else 9000)
        names = ("/agents/code", "dev-agents") if coding else ("/agents/review", "ci-review")
        for _ in range(dice.between(6, 36) if coding else dice.between(1, 3)):
            thought = dice.about(500)
            text = dice.between(9_500, 14_000) if coding and dice.once_in(20) else dice.about(420)
            cold = coding and TIME_FIRST[0] <= at < TIME_FIRST[1]
            sizes = (prompt, 0 if cold else cached(known), thought + text, thought)
            call = Call(dice.uuid(), at, names[0], PRO, session, names[1], "platform", *sizes)
            yield call
            known = prompt + call.output
            prompt = known + dice.about(5000)
            at = call.end + timedelta(seconds=dice.between(2, 40))
            if prompt > 200_000:
                break


def batch(dice: Dice) -> Iterator[Call]:
    """Extraction from the day's documents, on Pro out of habit: a nightly burst that runs into peak hours.

    On Wednesdays somebody starts it by hand in the European morning. Documents share nothing but the task.
    """
    for day in DAYS:
        night = 17 if day >= CHEAP_NIGHTS else 0
        at = day + timedelta(hours=7 if day.weekday() == 2 else night, minutes=dice.between(35, 55))
        documents = dice.between(3, 5) if in_holiday(day) else dice.between(7, 11)
        if day == STORM:
            refused = list(storm(dice, at))
            yield from refused
            at = refused[-1].end + timedelta(minutes=20)
        for _ in range(documents):
            call = Call(dice.uuid(), at, *EXTRACTION, 300 + dice.about(8500), dice.pick((0, 256, 256)), dice.about(280))
            yield call
            at = call.end + timedelta(seconds=dice.between(60, 420))


def storm(dice: Dice, at: datetime) -> Iterator[Call]:
    """Answers that were made and paid for, and refused; now and then the provider has enough of it and makes none.

    The job asks each time with other examples in front, so that no prompt finds the one before it in the cache.
    """
    for _ in range(10):
        document = 300 + dice.about(8500)
        for _ in range(12):
            made = not dice.once_in(4)
            sizes = (document + dice.between(0, 300), dice.pick((0, 256, 256)), dice.about(280))
            call = Call(dice.uuid(), at, *EXTRACTION, *sizes, failed=True, measured=made)
            yield call
            at = (call.end if made else call.at) + timedelta(seconds=dice.between(2, 9))


def reports(dice: Dice) -> Iterator[Call]:
    """A few long drafts a day through the Responses API, on Pro and then on Flash."""
    for at in (at for day in DAYS for at in moments(dice, day, 3, 0)):
        names = ("/reports/draft", FLASH if at >= DRAFTS_ON_FLASH else PRO, None, "svc-reports", "finance")
        thought = dice.about(900)
        sizes = (3000 + dice.about(7000), dice.pick((0, 2048, 2048)), thought + dice.about(1400), thought)
        yield Call(f"resp_{dice.hex(32)}", at, *names, *sizes)


def app(dice: Dice) -> Iterator[Call]:
    """A small app that names the model as it did on its first day. Its key is the user, and no team is named."""
    for at in (at for day in DAYS for at in moments(dice, day, 8, 4)):
        feature, size = dice.pick((("summarize", 1800), ("summarize", 1800), ("translate", 450)))
        if feature == "translate" and in_holiday(at) and not dice.once_in(5):
            continue  # it is suppliers' letters that are translated
        names = (f"/app/{feature}", LEGACY_FLASH, None, f"u{dice.between(1, 40):03}", None)
        hit = dice.pick((0, 128)) if feature == "summarize" else 0
        yield Call("", at, *names, 160 + dice.about(size), hit, dice.about(size // 4))
