"""The calls of an invented company over seven weeks: services that use DeepSeek, each with habits of its own.

All chance comes from `Random.random()` and whole numbers: nothing else in `random`, and no float function, is
promised to give the same digits on every machine and in every version of Python.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TypeVar

DAYS = [datetime(2026, 8, 10, tzinfo=UTC) + timedelta(days=day) for day in range(49)]
RENAMED = datetime(2026, 9, 10, 4, tzinfo=UTC)  # from here on Flash is called deepseek-flash
LEGACY_FLASH, FLASH, PRO = "deepseek-v4-flash", "deepseek-flash", "deepseek-v4-pro"
# Sessions in each hour of a European and American working day, from 00:00 UTC on.
BUSY = (1, 1, 1, 0, 0, 1, 3, 7, 10, 11, 10, 8, 8, 10, 13, 14, 12, 10, 8, 7, 6, 5, 3, 2)
HOURS = [hour for hour, sessions in enumerate(BUSY) for _ in range(sessions)]
Item = TypeVar("Item")


class Dice:
    """Chance that falls the same way every time."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed).random

    def between(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return low + int(self._random() * (high - low + 1))

    def once_in(self, times: int) -> bool:
        """True once in so many throws."""
        return self.between(1, times) == 1

    def pick(self, items: Sequence[Item]) -> Item:
        """One of the items."""
        return items[self.between(0, len(items) - 1)]

    def about(self, usual: int) -> int:
        """A size near the usual one, with the long tail that sizes of texts have."""
        size = self.between(usual // 2, usual * 5 // 4)
        while self.once_in(6):
            size = size * 8 // 5
        return size

    def hex(self, digits: int) -> str:
        """So many hexadecimal digits."""
        return "".join(self.pick("0123456789abcdef") for _ in range(digits))

    def uuid(self) -> str:
        """A random UUID."""
        return f"{self.hex(8)}-{self.hex(4)}-4{self.hex(3)}-{self.pick('89ab')}{self.hex(3)}-{self.hex(12)}"

    def times(self, on_workdays: int, on_weekends: int) -> Iterator[datetime]:
        """Moments at which the team is likely to be at work, about so many a day."""
        for day in DAYS:
            usual = on_workdays if day.weekday() < 5 else on_weekends
            for _ in range(self.between(usual * 2 // 3, usual * 4 // 3)):
                yield day + timedelta(hours=self.pick(HOURS), milliseconds=self.between(0, 3_599_999))


@dataclass(frozen=True)
class Call:
    """One call as it was; logs tell of it in their own words."""

    id: str
    at: datetime
    endpoint: str
    model: str
    session: str | None
    key: str
    team: str
    prompt: int
    hit: int
    output: int
    reasoning: int = 0

    @property
    def latency(self) -> int:
        """Milliseconds to the answer's end: reading is quick, writing is not."""
        return 350 + self.prompt // 40 + self.output * 13

    @property
    def end(self) -> datetime:
        """When it was answered."""
        return self.at + timedelta(milliseconds=self.latency)


def cached(known: int) -> int:
    """What the provider's cache serves of a known prefix: whole units of 128 tokens."""
    return known // 128 * 128


def chat(dice: Dice) -> Iterator[Call]:
    """Conversations that grow: each turn sends all that was said before, and the cache mostly still has it.

    Support follows the new model name, nobody has touched the intranet since, the expert desk reasons on Pro.
    """
    for start in dice.times(6, 2):
        desk, system = dice.pick([("support", 1310)] * 4 + [("intranet", 760), ("expert", 1835)])
        session, at, prompt, known = f"c-{dice.hex(10)}", start, system + dice.about(150), system
        for _ in range(dice.between(1, 8)):
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
    for at in dice.times(16, 4):
        names = ("/rag/answer", LEGACY_FLASH, None, "svc-search", "knowledge")
        hit = 0 if dice.once_in(20) else 2944
        yield Call(dice.uuid(), at, *names, 2990 + dice.about(4800), hit, dice.about(130))


def trial(dice: Dice) -> Iterator[Call]:
    """Somebody tries a model of another provider for an afternoon, through the same gateway."""
    for minute in range(0, 42, 6):
        at = DAYS[16] + timedelta(hours=13, minutes=minute, seconds=dice.between(0, 59))
        names = ("/chat/trial", "acme-chat-9b", None, "svc-lab", "knowledge")
        yield Call(dice.uuid(), at, *names, dice.about(900), 0, dice.about(200))


def agents(dice: Dice) -> Iterator[Call]:
    """Coding agents on Pro: many steps, tool results piling up to 200,000 tokens, mostly from the cache.

    One step in 20 writes a whole file at once. Reviews are short: a large new diff, a few steps.
    """
    for start in dice.times(2, 0):
        coding = dice.once_in(2)
        session, at, known, prompt = (
            f"a-{dice.hex(10)}",
            start,
            8960,
            9050 + dice.about(2500 if coding else 9000),
        )
        names = ("/agents/code", "dev-agents") if coding else ("/agents/review", "ci-review")
        for _ in range(dice.between(6, 36) if coding else dice.between(1, 3)):
            thought = dice.about(500)
            text = dice.between(9_500, 14_000) if coding and dice.once_in(20) else dice.about(420)
            sizes = (prompt, cached(known), thought + text, thought)
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
        at = day + timedelta(hours=7 if day.weekday() == 2 else 0, minutes=dice.between(35, 55))
        for _ in range(dice.between(7, 11)):
            names = ("/batch/extract", PRO, None, "svc-batch", "finance")
            hit = dice.pick((0, 256, 256))
            call = Call(dice.uuid(), at, *names, 300 + dice.about(8500), hit, dice.about(280))
            yield call
            at = call.end + timedelta(seconds=dice.between(60, 420))


def reports(dice: Dice) -> Iterator[Call]:
    """A few long drafts a day on Pro, through the Responses API."""
    for at in dice.times(2, 0):
        names = ("/reports/draft", PRO, None, "svc-reports", "finance")
        thought = dice.about(900)
        sizes = (3000 + dice.about(7000), dice.pick((0, 2048, 2048)), thought + dice.about(1400), thought)
        yield Call(f"resp_{dice.hex(32)}", at, *names, *sizes)


def app(dice: Dice) -> Iterator[Call]:
    """A small app that names the model as it did on its first day. Its key is the user."""
    for at in dice.times(8, 4):
        feature, size = dice.pick((("summarize", 1800), ("summarize", 1800), ("translate", 450)))
        names = (f"/app/{feature}", LEGACY_FLASH, None, f"u{dice.between(1, 40):03}", "")
        hit = dice.pick((0, 128)) if feature == "summarize" else 0
        yield Call("", at, *names, 160 + dice.about(size), hit, dice.about(size // 4))
