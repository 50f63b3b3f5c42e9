"""The pack of a month: everything that it is given out as, made of one review."""

from analyzer.finance.closing import Pack
from analyzer.finance.review import Review
from analyzer.report.document import text
from analyzer.report.review.document import review_document
from analyzer.report.review.text import review_text


def pack_of(review: Review, *, page: bool, workbook: bool) -> Pack:
    """The document and the text; page and workbook where they are wanted, else nothing."""
    html, sheets = b"", b""
    if page:
        from analyzer.report.page import render

        html = render(review.analysis, review).encode()
    if workbook:
        from analyzer.report.workbook.book import workbook as drawn

        sheets = drawn(review)
    return Pack(text(review_document(review)), review_text(review), html, sheets)
