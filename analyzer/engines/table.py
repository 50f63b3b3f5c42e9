"""What ``--table`` names."""

from analyzer.errors import UsageError


def places(words: tuple[str, ...]) -> tuple[str, ...]:
    """Where ``--table requests=PLACE``, once or several times, says that the requests are.

    Raises:
        UsageError: it says nothing, or something else.
    """
    how = "write --table requests=PLACE: Parquet, a Delta table, a table of the catalog, or logs of one format"
    if not words:
        raise UsageError("--engine: no --table says where the requests are", how)
    found = [word.partition("=") for word in words]
    for word, (name, _, where) in zip(words, found, strict=True):
        if name != "requests" or not where:
            raise UsageError(f"--table {word}: not understood", how)
    return tuple(dict.fromkeys(where for _, _, where in found))
