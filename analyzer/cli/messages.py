"""Standard error: what is said there stops no work when nobody can read it."""

from typing import Any, TextIO


class Messages:
    """A stream whose reader may go away, as ``2>&1 | head`` does, or whose disk may be full.

    What cannot be written is lost then. A report that was asked for is written all the same.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write what can be written."""
        try:
            return self._stream.write(text)
        except OSError:
            return len(text)

    def flush(self) -> None:
        """Hand it on, where that can be done."""
        try:
            self._stream.flush()
        except OSError:
            return

    def __getattr__(self, name: str) -> Any:
        """Whatever else a stream has."""
        return getattr(self._stream, name)
