"""A reconciliation as text and as a document."""

from collections.abc import Sequence
from decimal import Decimal
from textwrap import fill
from typing import Any

from analyzer.counted import counted
from analyzer.finance.bucket import CAUSES, TYPES, Bucket
from analyzer.finance.reconcile import Reconciliation
from analyzer.report.amounts import difference, exact, places_for, plain, shown
from analyzer.report.listing import WIDTH, table
from analyzer.report.remarks import money, remarks
from analyzer.report.visible import fitted, visible, width

_SHOWN = 10
_LINE_PLACES = 6  # as unit prices have: single lines are small, and cents would show many of them as nothing
KINDS = dict(zip(TYPES, ("hit", "miss", "output", "other"), strict=True))  # of tokens, in a word


def reconciliation_document(result: Reconciliation) -> dict[str, Any]:
    """``spend reconcile --json``."""
    return {
        "schema": "spend.reconcile/1",
        "currency": result.currency,
        "bill_currency": result.bill_currency,
        "price_book": result.price_book,
        "clock": result.clock,
        "billed": exact(money(result.billed)),
        "computed": exact(money(result.computed)),
        "difference": exact(money(result.billed - result.computed)),
        "explained_share": _share(result),
        "bill_clock": {
            "clock": result.found.bill,
            "straddling": result.found.straddling,
            "buckets_by_completion": result.found.by["completion"],
            "buckets_by_start": result.found.by["start"],
        },
        "keys_compared": result.keyed,
        "requests_outside": result.outside,
        "requests_elsewhere": result.elsewhere,
        "requests_exported": result.exported,
        "bill": dict(result.read),
        "wallets": [
            {"wallet_type": wallet, "currency": code, "cost": exact(cost)}
            for (wallet, code), cost in sorted(result.paid.items())
        ],
        "cost_reports": [
            {"type": kind, "currency": code, "cost": exact(cost)} for (kind, code), cost in sorted(result.costs.items())
        ],
        "unknown_lines": result.unknown,
        "unfinished_pages": [page.after and f"{page.after:%Y-%m-%dT%H:%M:%SZ}" for page in result.unfinished],
        "causes": [
            {"cause": cause, "buckets": count, "amount": exact(money(amount))}
            for cause, (count, amount) in causes_told(result)
        ],
        "buckets": [_bucket(bucket) for bucket in result.buckets],
    }


def reconciliation_text(result: Reconciliation) -> str:
    """The same for people: the verdict first."""
    billed, computed, places = money(result.billed), money(result.computed), _places(result)
    less = _shown_difference(result)
    parts = [
        fill(verdict(result), WIDTH),
        f"Billed {plain(billed, places)} {result.bill_currency}   computed {plain(computed, places)} {result.currency}"
        f"   difference {plain(less, places)}\n"
        f"By the {result.clock} of a request, price book {result.price_book}\n{fill(_records(result), WIDTH)}",
    ]
    causes = [(cause, told) for cause, told in causes_told(result) if cause != "match"]
    if causes:
        amounts = shown([money(amount) for _, (_, amount) in causes], places, less)
        lines = [
            [CAUSES[cause], f"{count:,}", amount] for (cause, (count, _)), amount in zip(causes, amounts, strict=True)
        ]
        parts.append(table(["Why", "lines", f"billed - computed, {result.currency}"], lines))
        parts.append(_largest(result))
    parts += [fill(note, WIDTH) for note in remarks(result)]
    return "\n\n".join(part.rstrip("\n") for part in parts) + "\n"


def verdict(result: Reconciliation) -> str:
    """One sentence: how much of the bill the log accounts for."""
    if result.currency != result.bill_currency:
        return f"The bill is in {result.bill_currency}, the ledger was priced in {result.currency}: they cannot agree."
    without = ""
    if lost := result.read["rejected"]:
        what = counted(
            lost, "record of the bill could not be read, and is", "records of the bill could not be read, and are"
        )
        without = f" {what} in no sum."
    if result.unknown:
        some = f"{result.unknown:,} of {counted(len(result.buckets), 'line')}"
        without += f" Of {some} the money of a side is not known, and counts as nothing."
    if not result.buckets:
        return f"The bill tells of nothing in this time.{without}"
    if not without and all(bucket.difference == 0 for bucket in result.buckets):
        return "The log explains the whole bill, to the last digit."
    share = _share(result)
    if share is None:
        if result.billed and not without:
            return "The bill asks for nothing, and gives money back."
        return "The bill is empty." if not without else f"No money of the bill is known.{without}"
    told = "100" if share == 1 else f"{min(share * 100, 99.99):.2f}"
    more = -_shown_difference(result)
    beyond = f" In all it comes to {plain(more, _places(result))} {result.currency} more than the bill."
    return f"The log explains {told}% of the billed money.{beyond if more > 0 else ''}{without}"


def _places(result: Reconciliation) -> int:
    """Decimals of what is billed, computed, and the difference of both: as many as let each of them be seen."""
    return max(places_for(money(units)) for units in (result.billed, result.computed, result.billed - result.computed))


def _shown_difference(result: Reconciliation) -> Decimal:
    return difference(money(result.billed), money(result.computed), _places(result)) or Decimal(0)


def _share(result: Reconciliation) -> float | None:
    return result.explained / result.charged if result.charged else None


def causes_told(result: Reconciliation) -> list[tuple[str, tuple[int, int]]]:
    """Each cause that there is, with its buckets and the money that it makes the sides differ by."""
    found = result.causes()
    return [(cause, found[cause]) for cause in CAUSES if cause in found]


def _bucket(bucket: Bucket) -> dict[str, Any]:
    return {
        "from": f"{bucket.start:%Y-%m-%dT%H:%M:%SZ}",
        "to": f"{bucket.end:%Y-%m-%dT%H:%M:%SZ}",
        "model": bucket.model,
        "api_key_name": bucket.api_key_name,
        "type": bucket.type,
        "billed": exact(money(bucket.billed)),
        "computed": exact(money(bucket.computed)),
        "cause": bucket.cause,
        "known": bucket.known,
    }


def _records(result: Reconciliation) -> str:
    read = result.read
    ends = f"{counted(read['duplicates'], 'duplicate')} + {read['skipped']:,} skipped + {read['rejected']:,} rejected"
    return f"{counted(read['records'], 'record')} of the bill = {read['requests']:,} of usage + {ends}"


def line_places(amounts: Sequence[Decimal]) -> int:
    """Decimals of all differences that stand below each other: the same, so that their points do, too.

    They are as many as unit prices have, and more where one of them would be shown as nothing.
    """
    return max([_LINE_PLACES, *(-amount.adjusted() for amount in amounts if amount)])


def _largest(result: Reconciliation) -> str:
    title = ["From, UTC", "model", "key", "type", "difference", "cause"]
    rows = sorted((b for b in result.buckets if b.difference), key=lambda b: abs(b.difference), reverse=True)
    digits = line_places([money(row.difference) for row in rows[:_SHOWN]])
    lines = [
        [
            f"{row.start:%Y-%m-%d %H:%M}", fitted(visible(row.model), 18), fitted(visible(row.api_key_name or "-"), 10),
            KINDS[row.type], plain(money(row.difference), digits), row.cause,
        ]
        for row in rows[:_SHOWN]
    ]  # fmt: skip
    # The names of models give way, not the instants: those are what leads to the bill's line.
    over = sum(max(map(width, cells)) for cells in zip(title, *lines, strict=True)) + 2 * (len(title) - 1) - WIDTH
    if over > 0:
        room = max(width(line[1]) for line in lines) - over
        lines = [[first, fitted(model, room), *others] for first, model, *others in lines]
    more = f"\n{len(rows) - _SHOWN:,} more; all of them with --json" if len(rows) > _SHOWN else ""
    return table(title, lines).rstrip("\n") + more
