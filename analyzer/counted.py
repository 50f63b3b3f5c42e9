"""Numbers and their nouns, wherever something is said of how many there are."""


def counted(number: int, one: str, many: str | None = None) -> str:
    """A number with what is said of it: ``1 request``, ``2,000 requests``, ``1 call is``.

    Args:
        number: how many; a negative one is of a difference.
        one: what is said of one.
        many: of several, and of none; None adds an ``s``.
    """
    return f"{number:,} {one if abs(number) == 1 else f'{one}s' if many is None else many}"
