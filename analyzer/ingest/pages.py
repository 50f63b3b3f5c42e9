"""Pages: answers of an API, or documents around an export, whose records stand in a list within an object."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice

from analyzer.errors import SourceError
from analyzer.ingest.detection import fits
from analyzer.ingest.evidence import Record, lists
from analyzer.ingest.format import Format
from analyzer.ingest.sample import SAMPLE_RECORDS
from analyzer.ingest.source import Source
from analyzer.ingest.wrapped import holds_calls

# What has a value, other than false, on all pages but the last: with these words APIs say that there is more.
_MORE = (
    "has_more", "hasMore", "has_next", "hasNext", "has_next_page", "hasNextPage", "next", "next_page", "nextPage",
    "next_page_token", "nextPageToken", "next_cursor", "nextCursor", "cursor", "next_link", "nextLink",
    "@odata.nextLink",
)  # fmt: skip


def opened(source: Source, form: Format | None = None) -> Source:
    """A log as the records in the lists of its pages, where what stands around a list is no record itself.

    Args:
        source: the log, with its sample.
        form: the format that was asked for; else the list is one whose records fit any. That of last resort nearly
            every list of objects does: of it they must tell a time, a model and a usage. They may hold them, too.

    Returns:
        the same log where it has no such list, or several: which of them are the calls, nobody can tell.
    """

    def fit(records: Sequence[Record]) -> bool:
        found = fits(source.container, records)
        if form is not None:
            return form in found
        return holds_calls(records) or any(
            not one.last_resort or any(_tells_a_call(record, one) for record in records) for one in found
        )

    outer = fits(source.container, source.sample)
    if form in outer if form else outer:
        return source
    found = {under for page in source.sample for under, records in lists(page) if fit(records)}
    if len(found) != 1:
        return source
    (under,) = found
    listed = (record for page in source.sample for path, records in lists(page) if path == under for record in records)
    sample = tuple(islice(listed, SAMPLE_RECORDS))
    return replace(source, layout="pages", under=under, sample=sample, counted=None, more=_more(source.sample[-1]))


def _tells_a_call(record: Record, form: Format) -> bool:
    """Whether a record has a time, a model and a usage in the words of the format of last resort."""
    usage = {path for one in form.evidence for path in one.paths} - {*form.time_words, *form.model_words}
    return all(any(word in record for word in words) for words in (form.time_words, form.model_words, usage))


def _more(page: Record) -> str:
    """The word by which a page says that there is more; empty where it does not."""
    told = [page, *(value for value in page.values() if isinstance(value, Mapping))]
    return next((word for one in told for word in _MORE if one.get(word)), "")


class Unended:
    """Pages of one kind of which none is the last: of those that follow, the calls are in no total."""

    def __init__(self) -> None:
        self._pages: dict[tuple[str, tuple[str, ...]], list[Source]] = {}

    def see(self, source: Source, form: Format) -> None:
        """Look at a log that was opened."""
        if source.under:
            self._pages.setdefault((form.name, source.under), []).append(replace(source, sample=()))

    def warnings(self) -> list[SourceError]:
        """One for each kind."""
        ends = [pages[-1] for pages in self._pages.values() if all(page.more for page in pages)]
        return [
            SourceError(
                f"{page.path}: a page after which there are more, it says ({page.more})",
                "fetch the pages that follow, and give all of them: their calls are in no total",
            )
            for page in ends
        ]
