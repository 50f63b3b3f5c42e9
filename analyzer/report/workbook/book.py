"""The workbook of a review, as bytes: the same for the same review."""

from io import BytesIO

from xlsxwriter import Workbook

from analyzer.finance.review import Review
from analyzer.report.review.sentences import verdict
from analyzer.report.review.tables import listings
from analyzer.report.visible import visible
from analyzer.report.workbook.charts import Waterfall, months_chart
from analyzer.report.workbook.checks import colour, write_checks
from analyzer.report.workbook.cost_lines import cost_lines
from analyzer.report.workbook.formats import Formats
from analyzer.report.workbook.placed import Placed
from analyzer.report.workbook.sheet import Sheet
from analyzer.report.workbook.ties import ties
from analyzer.report.workbook.topics import CHECKS, SUMMARY, topics

# No text becomes a formula, a link or a number, whatever it looks like: texts come from logs.
_TEXTS_STAY_TEXTS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def workbook(review: Review) -> bytes:
    """A review as a workbook (XLSX): a sheet for each topic that there is something to show of.

    Money, counts and rates are numbers with formats, as exact as a spreadsheet holds them (16 digits); totals are live
    formulas whose values are in the file, too, for programs that do not compute.
    """
    buffer, currency = BytesIO(), review.analysis.view.currency
    book = Workbook(buffer, {"in_memory": True, **_TEXTS_STAY_TEXTS})
    created = review.month.start.replace(tzinfo=None)
    book.set_properties({"title": f"Review of {review.month}", "author": "spend", "created": created})
    formats, footer = Formats(book, currency), _footer(review)
    plan = topics((*listings(review), *filter(None, [cost_lines(review)])))
    sheets = {name: Sheet(book, name, formats, footer) for name in plan}
    tables: dict[str, Placed] = {}
    told = _begin(sheets[SUMMARY], review)
    later: list[Waterfall] = []
    for name, shown in plan.items():
        for listing in shown:
            placed = tables[listing.ident] = sheets[name].table(listing, titled=name != SUMMARY)
            if listing.ident == "bridge":
                later.append(Waterfall(book, sheets[name], review, placed, tables["summary"]))
            elif listing.ident == "months":
                months_chart(book, sheets[name], placed, currency)
    for picture in later:
        picture.draw()
    where, state = write_checks(sheets[CHECKS], ties(review, tables), currency)
    sheets[SUMMARY].formula(told, 1, f"={where}", state, formats.state())
    colour(sheets[SUMMARY], told, 1, told)
    for sheet in sheets.values():
        sheet.finish()
    book.close()
    return buffer.getvalue()


def _begin(sheet: Sheet, review: Review) -> int:
    """The head of the first sheet, with room for how the checks came out: the row of that."""
    view = review.analysis.view
    sheet.title(f"Review of {review.month}")
    so_far = "" if review.over else f"The month is open; known until {review.until:%Y-%m-%d %H:%M:%S} UTC. "
    sheet.lines(f"{so_far}{view.currency} price list, days and months in {view.tz}.")
    sheet.row += 1
    sheet.lines(verdict(review), said=True)
    sheet.row += 1
    sheet.page.write_string(sheet.row, 0, "All checks of this workbook", sheet.formats.styled(bold=True))
    sheet.widen(0, 32)
    sheet.row += 2
    return sheet.row - 2


def _footer(review: Review) -> str:
    def safe(text: str) -> str:
        return visible(text, 100).replace("&", "&&")

    return f"&L{review.month}, price book {safe(review.analysis.price_book)}&C&A&RPage &P of &N"
