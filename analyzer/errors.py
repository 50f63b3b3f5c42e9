"""The errors a user can meet.

Each carries two lines: what is wrong (with file and record where there is one), and the remedy.
The command line prints both and exits with ``exit_code``; nothing else turns an error into text.

    SpendError
    ├── UsageError      the command line or a file the user wrote asks for something unknown   (exit 2)
    ├── SourceError     a log could not be opened, read or recognised
    ├── LedgerError     a ledger is locked, damaged, too new, or no ledger at all
    ├── PriceError      no price is known, or price data is inconsistent
    ├── EngineError     another engine cannot be reached, refuses, or cannot do what is asked
    └── OutputError     a report or export could not be written
"""

# The remedy where a ledger is not what this program left.
CHANGED = "somebody has changed it; make a new one from your logs with spend ingest"


class SpendError(Exception):
    """Something the user can mend: ``str(error)`` says what, ``error.remedy`` says how."""

    exit_code = 1

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


class UsageError(SpendError):
    """The command line, or a file the user wrote, asks for something unknown."""

    exit_code = 2


class SourceError(SpendError):
    """A log could not be opened, read or recognised."""


class LedgerError(SpendError):
    """A ledger is locked, damaged, too new, or no ledger at all."""


class PriceError(SpendError):
    """No price is known, or price data is inconsistent."""


class EngineError(SpendError):
    """Another engine cannot be reached, refuses, or cannot do what is asked."""


class OutputError(SpendError):
    """A report or export could not be written."""
