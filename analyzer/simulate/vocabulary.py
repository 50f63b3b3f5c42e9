"""The vocabulary of scenario files, closed: which words there are, and what each may say."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from difflib import get_close_matches
from importlib import resources
from pathlib import Path

from analyzer.errors import UsageError
from analyzer.ledger.file import text_of, toml_of
from analyzer.prices import Book, Rate, own_rates
from analyzer.simulate import words
from analyzer.simulate.routing import AS_LOGGED, GLOBS, RANGES, Rule
from analyzer.simulate.scenario import ACTUAL, CACHES, DAY, Escalation, Plan, Scenario, Wait
from analyzer.simulate.words import NotMeantError, Words

DEFAULTS = ("all-flash", "all-pro", "mixed")
_KEYS = ("name", "title", "default", "route", "assume", "prices")
_RULE_KEYS = ("to", *GLOBS, *(f"{end}_{count}" for count in RANGES for end in ("min", "max")), "share", "token_share")
_ASSUME_KEYS = (
    "price_date", "cache", "cache_ttl", "hit_rate", "output_ratio", "input_ratio", "escalate", "off_peak", "fixed_fee",
)  # fmt: skip
_LIFETIME = words.duration(timedelta(minutes=1), 3650 * DAY)
_WAIT = words.duration(timedelta(0), 7 * DAY)


def read(word: str, book: Book) -> Scenario:
    """A scenario by its file, or one of the built-in ones by name.

    Raises:
        UsageError: there is no such file or name, or the file says something that is not in the vocabulary.
    """
    shipped = resources.files("analyzer.simulate").joinpath("scenarios")
    names = sorted(item.name.removesuffix(".toml") for item in shipped.iterdir() if item.name.endswith(".toml"))
    if word in names:
        return replace(parse(shipped.joinpath(f"{word}.toml").read_text(encoding="utf-8"), word, book), built_in=True)
    near = get_close_matches(word, names, n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    remedy = f"{hint}built in: {', '.join(names)}; others are named by their file, such as mine.toml"
    return parse(text_of(Path(word), remedy, "no scenario of this name, and no such file"), word, book)


def parse(text: str, where: str, book: Book) -> Scenario:
    """Read a scenario.

    Raises:
        UsageError: names the file, the key and the nearest known word.
    """
    data = toml_of(text, where)
    whole = Words(data, where, "", _KEYS)
    assume = whole.table("assume", _ASSUME_KEYS)
    prices = tuple(_prices(data.get("prices", {}), where))
    priced = book.over(prices) if prices else book
    name = whole.get("name", words.text, Path(where).stem).strip()
    if name == ACTUAL.name:
        raise UsageError(f"{where}: the name actual is taken", "actual is what was used; name the scenario otherwise")
    return Scenario(
        name=name,
        title=whole.get("title", words.text, name),
        default=whole.get("default", _model(priced), AS_LOGGED),
        rules=tuple(_rule(rule, priced) for rule in whole.tables("route", _RULE_KEYS)),
        price_date=assume.get("price_date", words.price_date, None),
        cache=assume.get("cache", words.choice(CACHES), "modelled"),
        cache_ttl=assume.get("cache_ttl", _LIFETIME, DAY),
        hit_rate=assume.get("hit_rate", words.share, None),
        output_ratio=_known_ratios(assume, priced),
        input_ratio=assume.get("input_ratio", words.ratios, {}),
        escalate=_escalation(assume, priced),
        off_peak=_wait(assume),
        fixed_fee=_plan(assume),
        prices=prices,
    )


def _rule(rule: Words, book: Book) -> Rule:
    if "share" in rule.data and "token_share" in rule.data:
        raise UsageError(
            f"{rule.where}: {rule.prefix}share and token_share exclude each other", "leave one of them out"
        )
    least, most = (
        {count: rule.need(f"{end}_{count}", words.count) for count in RANGES if f"{end}_{count}" in rule.data}
        for end in ("min", "max")
    )
    for count in least.keys() & most.keys():
        if least[count] > most[count]:
            raise UsageError(
                f"{rule.where}: {rule.prefix}min_{count} is over max_{count}: nothing is between",
                f"write min_{count} = {most[count]} and max_{count} = {least[count]}, if that is meant",
            )
    return Rule(
        to=rule.need("to", _model(book)),
        globs={word: rule.need(word, words.patterns_of(word)) for word in GLOBS if word in rule.data},
        least=least,
        most=most,
        share=rule.get("share", words.part, None),
        token_share=rule.get("token_share", words.share, None),
    )


def _known_ratios(assume: Words, book: Book) -> dict[str, Decimal]:
    """Ratios of models that requests may move to: a name without a glob must have a price."""
    found: dict[str, Decimal] = assume.get("output_ratio", words.ratios, {})
    for name in found:
        if not set(name) & set("*?[") and not book.knows(name):
            near = ", ".join(book.nearest(name)) or ", ".join(book.models())
            raise UsageError(
                f"{assume.where}: assume.output_ratio names a model without a price: {name}", f"nearest: {near}"
            )
    return found


def _escalation(assume: Words, book: Book) -> Escalation | None:
    if "escalate" not in assume.data:
        return None
    given = assume.table("escalate", ("from", "to", "rate"))
    model = _model(book, as_logged=False)
    return Escalation(given.need("from", model), given.need("to", model), given.need("rate", words.share))


def _wait(assume: Words) -> Wait | None:
    if "off_peak" not in assume.data:
        return None
    given = assume.table("off_peak", ("endpoint", "max_wait"))
    return Wait(given.get("endpoint", words.patterns, ()), given.need("max_wait", _WAIT))


def _plan(assume: Words) -> Plan | None:
    if "fixed_fee" not in assume.data:
        return None
    given = assume.table("fixed_fee", ("amount", "per", "covers"))
    given.get("per", words.choice(("month",)), "month")
    return Plan(given.need("amount", words.amount), given.get("covers", words.patterns, ("*",)))


def _prices(table: object, where: str) -> Iterable[Rate]:
    if not isinstance(table, dict):
        raise UsageError(f"{where}: prices is no table", "write its entries under [prices]")
    return own_rates(table, where)


def _model(book: Book, *, as_logged: bool = True) -> Callable[[object], str]:
    def known(value: object) -> str:
        name = words.text(value)
        if not (as_logged and name == AS_LOGGED) and not book.knows(name):
            near = ", ".join(book.nearest(name)) or ", ".join(book.models())
            also = f"also flash, pro and {AS_LOGGED}" if as_logged else "also flash and pro"
            raise NotMeantError(f"names a model without a price: {name}", f"nearest: {near}; {also}")
        return name

    return known
