"""The HTML report: its numbers are the analysis's, it needs nothing but itself, and it runs nothing from a log."""

import base64
import errno
import gzip
import hashlib
import os
import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from shown import HOSTILE, Page, analysis_of, cents, filled, hostile, request
from support import ROOT, call, ledger_of, write

from analyzer.errors import OutputError
from analyzer.report import breakdown
from analyzer.report.amounts import UNKNOWN, exact, percent, places_for, plain, rate
from analyzer.report.breakdown import LISTED
from analyzer.report.drawing import LABEL, label
from analyzer.report.figures import lengths
from analyzer.report.figures.costs import costs
from analyzer.report.figures.hits import hit_rates
from analyzer.report.figures.scenarios import scenarios as scenario_figure
from analyzer.report.glossary import words
from analyzer.report.page import render, write_report
from analyzer.report.panels import NAMES
from analyzer.report.summary import summary
from analyzer.report.times import OTHERS, times
from analyzer.report.verdict import verdict
from analyzer.report.visible import LONGEST, visible
from analyzer.simulate.analysis import Analysis
from analyzer.simulate.relations import View

__all__ = ["hostile"]

MONEY = re.compile(r"-?[\d,]+\.\d+")


@pytest.fixture(scope="module")
def sample() -> Analysis:
    """The analysis of the sample logs: unpriced, unmeasured and rejected records are among them."""
    with ledger_of(ROOT / "sample_logs") as ledger:
        return analysis_of(ledger)


@pytest.fixture(scope="module")
def page(sample: Analysis) -> Page:
    return Page(render(sample))


def test_the_first_screen_says_what_was_spent(sample: Analysis, page: Page) -> None:
    totals, cost = sample.totals, sample.actual.cost
    assert cost is not None

    assert f"${plain(cost, places_for(cost))}" in page.text
    assert f"{exact(cost)} USD" in page.text
    for name in ("requests", "input_tokens", "output_tokens"):
        assert f"{totals[name]:,}" in page.text
    assert isinstance(totals["cache_hit_rate"], float)
    assert rate(totals["cache_hit_rate"]) in page.text
    assert verdict(sample) in page.text
    assert sample.price_book in page.text
    assert sample.period is not None
    assert f"{sample.period[0]:%Y-%m-%d %H:%M}" in page.text


def test_the_first_screen_says_what_is_not_known(sample: Analysis, page: Page) -> None:
    c = sample.counts
    assert (
        f"{c.records:,} records in {c.sources:,} logs = {c.requests:,} requests + {c.duplicates:,} duplicates"
        f" + {c.skipped:,} skipped + {c.rejected:,} rejected"
    ) in page.text
    assert f"{c.unmeasured:,} unmeasured, {c.unpriced:,} unpriced, {c.cache_unknown:,} with an unknown" in page.text


def test_the_what_if_table_holds_every_scenario(sample: Analysis, page: Page) -> None:
    places = places_for(sample.actual.cost)
    _, *rows = page.tables["what-if"]

    assert len(rows) == len(sample.results) == 4
    for result, row in zip(sample.results, rows, strict=True):
        assert result.cost is not None
        assert result.low is not None
        assert result.high is not None
        assert row[0].startswith(result.scenario.name)
        assert ("hindsight" in row[0]) == result.scenario.hindsight
        assert row[1] == plain(result.cost, places)
        assert (row[4], row[5]) == (plain(result.low, places), plain(result.high, places))
    for result, row in zip(sample.results, page.tables["scenario-requests"][1:], strict=True):
        assert row[0].startswith(result.scenario.name)
        counts = (result.requests, result.moved, result.unpriced, result.before_first_price)
        assert row[1:5] == [f"{count:,}" for count in counts]
    for result, row in zip(sample.results[1:], rows[1:], strict=True):
        assert result.difference is not None
        # Some requests have a price in the scenario only: what all differences are over is said once.
        assert f"Against actual: over the {result.compared_requests:,} requests priced both ways." in page.text
        assert Decimal(row[2].replace(",", "")) == round(result.difference, places)
        assert row[3] == percent(result.difference, result.compared_actual)


@pytest.mark.parametrize("name", ["endpoints", "models", "months"])
def test_a_table_adds_up_and_agrees_with_its_query(sample: Analysis, page: Page, name: str) -> None:
    head, *rows, total = page.tables[name]
    answer = list(sample.answers[name].iter_rows(named=True))

    assert [row[0] for row in rows] == [each[name.removesuffix("s")] for each in answer]
    for column, place in (("requests", 2), ("input_tokens", 3), ("output_tokens", 4)):
        assert [row[place] for row in rows] == [f"{each[column]:,}" for each in answer]
        assert total[place] == f"{sample.totals[column]:,}"
    assert [row[5] for row in rows] == [rate(each["cache_hit_rate"]) for each in answer]
    # Beside the name: there it is seen on a phone, too.
    assert head[1] == "Cost, USD"
    assert cents([row[1] for row in rows]) == cents([total[1]])
    unit = Decimal(1).scaleb(-places_for(sample.actual.cost))
    for row, each in zip(rows, answer, strict=True):
        assert (row[1] == UNKNOWN) == (each["cost"] is None)
        if each["cost"] is not None:
            assert abs(cents([row[1]]) - each["cost"]) < unit


def test_percentiles_are_those_of_the_query(sample: Analysis, page: Page) -> None:
    lengths_of = {row["endpoint"]: row for row in sample.answers["token_distribution"].iter_rows(named=True)}
    for row in page.tables["endpoints"][1:-1]:
        known = lengths_of[row[0]]
        marks = [f"{side}_tokens_{mark}" for side in ("input", "output") for mark in ("p50", "p90", "p99")]
        assert [int(text.replace(",", "")) for text in row[6:12]] == [round(known[mark]) for mark in marks]


def test_every_figure_has_its_numbers_in_a_table(sample: Analysis, page: Page) -> None:
    plots = [attrs for tag, attrs in page.tags if tag == "div" and attrs.get("class") == "plot"]

    assert len(plots) == len(page.figures) == len(NAMES)
    assert {plot["aria-describedby"] for plot in plots} <= set(page.tables)
    assert all(plot["role"] == "img" and plot["aria-label"] for plot in plots)
    for table in ("costs-over-time", "hours", "week"):
        head, *rows = page.tables[table]
        own = slice(1, -1) if table == "costs-over-time" else slice(2, -1) if table == "hours" else slice(1, None)
        if table == "hours":  # its lines and columns have sums
            *rows, foot = rows
            assert all(cents(row[own]) == cents([row[-1]]) for row in [*rows, foot])
            assert [cents(list(column)) for column in zip(*(row[2:] for row in rows), strict=True)] == [
                cents([cell]) for cell in foot[2:]
            ]
        cells = [cell for row in rows for cell in row[own] if cell]
        assert sample.actual.cost is not None
        assert cents(cells) == round(sample.actual.cost, places_for(sample.actual.cost)), (table, head)


def test_the_report_is_one_small_file_that_loads_nothing(sample: Analysis, page: Page) -> None:
    whole = render(sample)

    assert len(whole.encode()) < 3_000_000
    assert not re.findall(
        r"https?://|//[a-z]+\.", whole.replace(page.script("plotly"), "").replace(page.scripts[-1][1], "")
    )
    assert not [attrs for _, attrs in page.tags if {"src", "style"} & set(attrs)]
    assert not [name for _, attrs in page.tags for name in attrs if name.startswith("on")]


def test_every_link_leads_to_a_place_in_the_page(page: Page) -> None:
    links = {attrs["href"] or "" for _, attrs in page.tags if "href" in attrs}
    places = {f"#{attrs['id']}" for _, attrs in page.tags if "id" in attrs}

    assert links <= places
    assert {f"#{word.ident}" for word in words().values()} <= links
    assert {"#how-endpoints", "#how-costs", "#how-week_hours"} <= links | places


@pytest.mark.endurance
def test_where_nothing_can_be_tried_out_no_link_leads_there() -> None:
    """No call was measured: there are no sliders, and the links are to what is there."""
    page = Page(render(filled([request(1, input_tokens=None, cache_read_tokens=None, output_tokens=None)])))
    links = {attrs["href"] or "" for _, attrs in page.tags if "href" in attrs}

    assert "#try" not in links
    assert links <= {f"#{attrs['id']}" for _, attrs in page.tags if "id" in attrs}


@pytest.mark.endurance
def test_the_same_analysis_gives_the_same_bytes(sample: Analysis) -> None:
    with ledger_of(ROOT / "sample_logs") as ledger:
        again = analysis_of(ledger)

    assert render(again).encode() == render(sample).encode()


def digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_the_policy_allows_the_pages_own_script_and_style_and_nothing_else(page: Page) -> None:
    running = [text for attrs, text in page.scripts if "type" not in attrs]
    bundle = page.unpacked("plotly")

    assert len(running) == 1
    assert page.policy["default-src"] == ["'none'"]
    assert sorted(page.policy["script-src"]) == sorted([digest(running[0]), digest(bundle)])
    # Plotly's style element is empty when it is put in; its rules come by script.
    assert sorted(page.policy["style-src"]) == sorted([digest("".join(page.styles)), digest("")])
    assert page.policy["base-uri"] == page.policy["form-action"] == ["'none'"]
    assert not [word for words in page.policy.values() for word in words if "unsafe" in word or "*" in word]


@pytest.mark.endurance
def test_hostile_names_are_only_text(hostile: Analysis) -> None:
    whole = render(hostile)
    seen = Page(whole)
    shown = {visible(name) for name in HOSTILE}

    assert {row[0] for row in seen.tables["models"]} >= shown
    assert {row[0] for row in seen.tables["endpoints"]} >= shown
    assert {row[0] for row in seen.tables["unpriced"]} >= shown
    assert {tag for tag, _ in seen.tags} <= {
        tag for tag, _ in Page(render(filled([request(1, model="?"), request(2)]))).tags
    }
    assert len(seen.scripts) == 4
    assert not [attrs for _, attrs in seen.tags if {"src", "style"} & set(attrs)]
    assert not [attrs for _, attrs in seen.tags if not (attrs.get("href") or "#").startswith("#")]
    assert not [name for _, attrs in seen.tags for name in attrs if name.startswith("on")]
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", whole)
    assert "x" * (LONGEST + 1) not in whole


def strings(value: object) -> Iterator[str]:
    """All texts and keys in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
    if isinstance(value, (dict, list)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from strings(part)


def test_hostile_names_reach_plotly_as_entities_and_never_as_templates(hostile: Analysis) -> None:
    seen = Page(render(hostile))
    assert re.fullmatch("[A-Za-z0-9+/=]*", seen.script("figures") + seen.script("servings") + seen.script("plotly"))

    for figure in seen.figures:
        templates = {trace.pop("hovertemplate") for trace in figure["data"]}
        assert templates == {"%{customdata}<extra></extra>"}
        for text in strings(figure):
            assert not re.search(r"[<>$]|&(?!(amp|lt|gt|#36);)", text.replace("<br>", "")), text
            assert not re.search("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", text), text


@pytest.mark.endurance
def test_what_costs_an_unknown_amount_is_unknown_and_not_nothing() -> None:
    seen = Page(render(filled([request(1, model="of-another-world"), request(2, model="of-another-world")])))

    assert seen.tables["endpoints"][1][1] == UNKNOWN
    assert seen.tables["endpoints"][-1][1] == UNKNOWN
    assert seen.tables["what-if"][1][1] == UNKNOWN
    assert not MONEY.search(seen.tables["months"][1][1])
    assert not re.search(r"[$]\d", seen.text)
    assert "of-another-world" in {row[0] for row in seen.tables["unpriced"]}
    # The lengths and the cache are known all the same; what the others would have cost, too.
    assert len(seen.figures) == 5
    assert "Cost by day" not in seen.text


@pytest.mark.endurance
def test_an_unknown_cache_split_is_no_rate() -> None:
    analysis = filled([request(1, cache_read_tokens=None)])
    seen = Page(render(analysis))

    assert seen.tables["endpoints"][1][5] == UNKNOWN
    assert hit_rates(analysis.answers["endpoints"], "endpoint") is None


@pytest.mark.endurance
def test_requests_without_an_endpoint_have_a_line() -> None:
    seen = Page(render(filled([request(1, endpoint=None)])))

    assert seen.tables["endpoints"][1][0] == "(none named)"


def test_no_requests_make_a_report_too() -> None:
    seen = Page(render(filled([])))

    assert "No requests" in seen.text
    assert seen.scripts == []
    assert seen.policy["script-src"] == ["'none'"]
    assert "0 records in 0 logs" in seen.text


@pytest.mark.endurance
def test_many_endpoints_end_in_one_line_and_still_add_up() -> None:
    """Each costs a third of a cent or so: rounded one by one, they would be far off."""
    many = LISTED + 57
    analysis = filled([request(number, endpoint=f"/{number:03}") for number in range(many)])
    _, *rows, total = Page(render(analysis)).tables["endpoints"]

    assert len(rows) == LISTED + 1
    assert rows[-1][0] == f"{many - LISTED} more"
    assert sum(int(row[2].replace(",", "")) for row in rows) == many
    assert cents([row[1] for row in rows]) == cents([total[1]])


@pytest.mark.endurance
def test_a_small_cost_shows_its_digits() -> None:
    analysis = filled([request(1)])
    cost = analysis.actual.cost

    assert cost is not None
    assert cost < Decimal("0.01")
    shown = Page(render(analysis)).tables["endpoints"][-1][1]
    assert len(shown.lstrip("0.")) >= 3
    assert abs(Decimal(shown) - cost) / cost < Decimal("0.01")


@pytest.mark.endurance
def test_other_words_and_lists_are_named() -> None:
    view = View(currency="CNY", endpoint_by="api_key_name", tz="Asia/Shanghai")
    seen = Page(render(filled([request(1, api_key_name="batch")], view=view)))

    assert seen.tables["endpoints"][0][0] == "Api key"
    assert seen.tables["endpoints"][0][1] == "Cost, CNY"
    assert seen.tables["endpoints"][1][0] == "batch"
    assert "¥" in seen.text
    assert "Asia/Shanghai" in seen.text


@pytest.mark.parametrize(
    ("by", "endpoints", "told"),
    [
        ("endpoint", 3, True),
        pytest.param("endpoint", 2, False, marks=pytest.mark.endurance),
        pytest.param("endpoint_pattern", 3, False, marks=pytest.mark.endurance),
    ],
)
def test_where_endpoints_are_too_many_their_patterns_are_named(
    by: str, endpoints: int, told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At more than two, here: on the page and in the terminal."""
    monkeypatch.setattr(breakdown, "MANY", 2)
    analysis = filled(
        [request(number, endpoint=f"/users/{number}") for number in range(endpoints)], view=View(endpoint_by=by)
    )

    assert ("--endpoint-by endpoint_pattern" in Page(render(analysis)).text) == told
    assert ("--endpoint-by endpoint_pattern" in " ".join(summary(analysis, None).split())) == told


@pytest.mark.endurance
def test_bars_of_the_cost_figure_add_up_to_the_cost() -> None:
    """More endpoints than colours, more days than bars: a bar is a month, and the last colour is all other endpoints."""
    rows = [
        request(number, endpoint=f"/{number % 20}", started_at=datetime(2025 + number // 12, number % 12 + 1, 3))
        for number in range(24)
    ]
    analysis = filled(rows)
    over_time = times(analysis.answers["costliest_by_day"])
    figure = costs(over_time, (), "USD", "UTC", "endpoint")
    drawn = [height for bar in figure.data for height in bar.y if height is not None]

    assert analysis.actual.cost is not None
    assert sum(drawn) == pytest.approx(float(analysis.actual.cost))
    assert over_time.monthly
    assert over_time.places == list(range(1, OTHERS + 1))
    *bars, _ = figure.data
    assert [bar.name for bar in bars][-1] == "all other endpoints"
    assert len(figure.data[0].x) == 24


@pytest.mark.endurance
@pytest.mark.parametrize(("days", "monthly"), [(91, False), (92, True)])
def test_a_long_time_is_drawn_by_month(days: int, monthly: bool) -> None:
    analysis = filled([request(0), request(24 * days)])

    assert times(analysis.answers["costliest_by_day"]).monthly == monthly


@pytest.mark.endurance
def test_price_changes_are_marked_and_listed() -> None:
    """Flash became cheaper on 10 September 2026 at 04:00 UTC; before it, nothing changed since 16 August."""
    rows = [request(1, started_at=datetime(2026, 9, day)) for day in (9, 12)]
    analysis = filled(rows, view=View(tz="Asia/Shanghai"))
    (row,) = Page(render(analysis)).tables["price-changes"][1:]
    figure = costs(times(analysis.answers["costliest_by_day"]), analysis.price_changes, "USD", "Asia/Shanghai", "x")

    assert row[:2] == ["2026-09-10 04:00", "deepseek-v4-flash"]
    assert "Price changes in the period, USD per 1M tokens, times in UTC" in render(analysis), "days are Shanghai's"
    assert row[2].startswith("peak: cache miss 0.44 → 0.3, cache hit 0.014 → 0.006, output 1.32 → 1.2; off-peak:")
    assert [shape.x0 for shape in figure.layout.shapes] == ["2026-09-10T12:00:00"]
    assert not filled(rows[:1]).price_changes
    assert not filled(rows, view=View(price_date=datetime(2026, 9, 1).date())).price_changes


@pytest.mark.endurance
def test_a_difference_over_all_requests_needs_no_note() -> None:
    analysis = filled([request(1), request(2, input_tokens=None, cache_read_tokens=None, output_tokens=None)])

    assert analysis.counts.unmeasured == 1
    assert "over" not in "".join(cell for row in Page(render(analysis)).tables["what-if"] for cell in row)


def test_a_long_name_keeps_both_ends() -> None:
    name = "/service/" + "long/" * 20 + "v7"
    shown = label(name)

    assert len(shown) == LABEL
    assert shown.startswith("/service/")
    assert shown.endswith("v7")


def test_the_length_figure_counts_every_request_once(sample: Analysis) -> None:
    logged = {row["endpoint"]: row["requests"] for row in sample.answers["token_distribution"].iter_rows(named=True)}
    for side in ("input", "output"):
        names, _, counts = lengths.lengths(sample.answers["endpoints"], sample.answers["token_histogram"], side)
        assert {name: sum(row) for name, row in zip(names, counts, strict=True)} == logged


@pytest.mark.parametrize(("place", "words"), [(-1, "0"), (0, "1"), (1, "2 to 3"), (10, "1,024 to 2,047")])
def test_a_bin_says_which_lengths_it_holds(place: int, words: str) -> None:
    assert lengths.span(place) == words


def test_the_scenario_figure_reaches_from_low_to_high(sample: Analysis) -> None:
    dots = scenario_figure(sample.results, "USD").data[0]
    for index, result in enumerate(sample.results):
        assert result.low is not None
        assert result.high is not None
        assert dots.x[index] - dots.error_x.arrayminus[index] == pytest.approx(float(result.low))
        assert dots.x[index] + dots.error_x.array[index] == pytest.approx(float(result.high))


def test_a_report_replaces_the_one_before(sample: Analysis, tmp_path: Path) -> None:
    where = tmp_path / "report.html"
    where.write_text("old")
    write_report(sample, where)

    assert where.read_text(encoding="utf-8") == render(sample)
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "link.html").symlink_to(tmp_path / "report.html")
    write_report(filled([]), tmp_path / "link.html")

    assert (tmp_path / "link.html").is_symlink()
    assert (tmp_path / "report.html").is_file()


def test_a_device_is_written_to_and_not_replaced() -> None:
    write_report(filled([]), Path(os.devnull))

    assert not Path(os.devnull).is_file()


def test_a_folder_is_no_report(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="directory") as caught:
        write_report(filled([]), tmp_path)
    assert "not a folder" in caught.value.remedy


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=re.escape(str(tmp_path / "none"))) as caught:
        write_report(filled([]), tmp_path / "none" / "report.html")
    assert "folder first" in caught.value.remedy


@pytest.mark.endurance
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EIO])
def test_a_failed_write_leaves_the_old_report(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk shows only after some bytes are written."""
    where = tmp_path / "report.html"
    where.write_text("old")

    def fail(self: Path, content: bytes) -> int:
        with self.open("wb") as file:
            file.write(content[:100])
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "write_bytes", fail)
    with pytest.raises(OutputError, match=os.strerror(number)) as caught:
        write_report(filled([]), where)
    assert "--report" in caught.value.remedy
    assert where.read_text() == "old"
    assert list(tmp_path.iterdir()) == [where]


@pytest.mark.endurance
def test_a_report_knows_its_logs_by_their_content(tmp_path: Path) -> None:
    """Under other names, in another order, one of them packed: the same fingerprint; another record: another one."""
    first, second, packed = tmp_path / "a.jsonl", tmp_path / "b.jsonl", tmp_path / "0.jsonl.gz"
    write(first, call(id="1"), call(id="2"))
    write(second, call(id="3"))
    packed.write_bytes(gzip.compress(second.read_bytes()))
    renamed = first.rename(tmp_path / "z.jsonl")
    seen = {}
    for name, logs in {"two": (second, renamed), "again": (packed, renamed), "one": (renamed,)}.items():
        with ledger_of(*logs) as ledger:
            seen[name] = Page(render(analysis_of(ledger)))
    prints = {name: re.search(r"Fingerprint of the logs([0-9a-f]{16})", page.text) for name, page in seen.items()}

    assert [row[0] for row in seen["one"].tables["inputs"][1:]] == ["z.jsonl"]
    assert str(tmp_path) not in seen["two"].text
    assert {name: found[1] for name, found in prints.items() if found}.keys() == seen.keys()
    assert prints["two"] and prints["again"] and prints["one"]
    assert prints["two"][1] == prints["again"][1] != prints["one"][1]
