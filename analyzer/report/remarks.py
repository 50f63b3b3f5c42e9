"""What is said beside a reconciliation: clocks, keys, calls that were not compared, and the provider's own sums."""

from decimal import Decimal

from analyzer.counted import counted
from analyzer.finance.reconcile import Reconciliation
from analyzer.report.amounts import exact
from analyzer.report.visible import visible
from analyzer.simulate.result import DECIMALS, exactly

_NAMED = 3  # keys in a sentence


def money(units: int) -> Decimal:
    """An amount of a bill or of its computed side, exactly."""
    return exactly(units, DECIMALS)


def remarks(result: Reconciliation) -> list[str]:
    """A sentence or two for each thing that a reader of the sums must know."""
    clock = result.found
    notes = []
    if clock.straddling:
        which = {
            "unknown": "that does not tell which clock the bill went by",
            "completion": "the bill went by the completion of a request",
            "start": "the bill went by the start of a request",
        }[clock.bill]
        begun = counted(
            clock.straddling, "request begins in one bucket and ends", "requests begin in one bucket and end"
        )
        like = f" `--clock {clock.bill}` counts like it." if clock.bill not in {"unknown", result.clock} else ""
        notes.append(
            f"{begun} in another: {which} (of the buckets that they decide, "
            f"{clock.by['completion']:,} agree with completion, {clock.by['start']:,} with start).{like}"
        )
    if not result.keyed:
        notes.append("Keys are taken together: the bill and the log have none in common.")
    elif (others := _other_keys(result)) is not None:
        notes.append(others)
    for count, where in (
        (result.outside, "outside the bill's time"),
        (result.elsewhere, "of other providers"),
        (result.exported, "told by usage exports, which are the provider's own word"),
    ):
        if count:
            of = counted(count, "request of the ledger is", "requests of the ledger are")
            notes.append(f"{of} {where}, and not compared.")
    if (edge := _edge(result)) is not None:
        notes.append(edge)
    if result.paid:
        wallets = [
            f"{visible(w, 40)} {exact(cost)} {visible(code, 8)}" for (w, code), cost in sorted(result.paid.items())
        ]
        mine = sum((cost for (_, code), cost in result.paid.items() if code == result.bill_currency), Decimal(0))
        equal = mine == money(result.billed)
        same = "which is what its amounts come to" if equal else "while its amounts come to another sum"
        notes.append(f"The export's money file says {', '.join(wallets)}, {same}.")
    if result.costs:
        told = [
            f"{visible(kind, 40)} {exact(cost)} {visible(code, 8)}"
            for (kind, code), cost in sorted(result.costs.items())
        ]
        notes.append(f"The cost report says {', '.join(told)}{_beside(result)}.")
    if result.unfinished:
        notes.append(_unfinished(result))
    return notes


def _unfinished(result: Reconciliation) -> str:
    """A sentence on what of the bill is not here."""
    pages = counted(len(result.unfinished), "page of the bill is", "pages of the bill are")
    return f"{pages} not the last of the report, and those that follow are not given: it is not the whole bill."


def _beside(result: Reconciliation) -> str:
    """How the money of cost reports stands to what the usage comes to; they tell of all of the bill's time."""
    if result.part:
        return ", in all of its time"
    mine = sum((cost for (_, code), cost in result.costs.items() if code == result.bill_currency), Decimal(0))
    more = mine - money(result.billed)
    if not more:
        return ": what the usage billed comes to"
    return (
        f": {exact(abs(more))} {result.bill_currency} {'more' if more > 0 else 'less'} than the usage billed comes to"
    )


def _other_keys(result: Reconciliation) -> str | None:
    """What is computed for keys for which nothing at all is billed, where there is something for others."""
    billed: dict[str | None, int] = {}
    computed: dict[str | None, int] = {}
    for one in result.buckets:
        billed[one.api_key_name] = billed.get(one.api_key_name, 0) + abs(one.billed)
        computed[one.api_key_name] = computed.get(one.api_key_name, 0) + one.computed
    names = [name for name in sorted(filter(None, computed)) if computed[name] and not billed[name]]
    if not names or not any(billed.values()):
        return None
    named = ", ".join(visible(name, 40) for name in names[:_NAMED])
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    amount = exact(money(sum(computed[name] for name in names)))
    keys, beyond = "key", "a key of another account stands in its bill"
    if len(names) > 1:
        keys, beyond = "keys", "keys of another account stand in its bill"
    return (
        f"Nothing is billed for the {keys} {named}{more}, for which {amount} {result.currency} are computed: {beyond}."
    )


def _edge(result: Reconciliation) -> str | None:
    """What the first and the last bucket of a bill cannot tell: what was booked across its own edges."""
    if result.time is None:
        return None
    first, last = result.time
    before = any(one.start == first and one.cause == "missing-requests" for one in result.buckets)
    after = any(one.end == last and one.cause == "extra-requests" for one in result.buckets)
    if not (before or after):
        return None
    which = " and the ".join(name for name, there in (("first", before), ("last", after)) if there)
    where = "before and after" if before and after else "before" if before else "after"
    return (
        f"In the bill's {which} bucket, calls may have been booked across its edge: give the export of the time {where}"
        " it as well, to see."
    )
