"""What ``--table`` names."""

from analyzer.errors import UsageError


def place(words: tuple[str, ...]) -> str:
    """Where ``--table requests=PLACE`` says that the requests are.

    Raises:
        UsageError: it says nothing, or something else.
    """
    how = "write --table requests=PLACE: a folder or file of Parquet, a Delta table, or a table of the catalog"
    if not words:
        raise UsageError("--engine: no --table says where the requests are", how)
    if len(words) > 1:
        raise UsageError("--table: given more than once", "name one table; several folders can be one with a glob")
    name, equals, where = words[0].partition("=")
    if name != "requests" or not equals or not where:
        raise UsageError(f"--table {words[0]}: not understood", how)
    return where
