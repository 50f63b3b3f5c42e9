"""Being asked to end, by Ctrl-C, a shutdown or a closed terminal: everything is put away first."""

import signal
from types import FrameType

# Those whose usual effect is to end a process on the spot. Windows has no SIGHUP.
_REQUESTS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
_asked: list[int] = []


def heed() -> None:
    """Let such a request end the command as Ctrl-C does; a second one ends the process on the spot."""
    for number in _REQUESTS:
        if signal.getsignal(number) == signal.SIG_DFL:  # `nohup` wants SIGHUP to be ignored
            signal.signal(number, _interrupt)


def exit_code() -> int:
    """What a command that was asked to end exits with: 128 and the number of the signal, as shells have it."""
    return 128 + (_asked[0] if _asked else signal.SIGINT)


def _interrupt(number: int, _: FrameType | None) -> None:
    _asked.append(number)
    signal.signal(number, signal.SIG_DFL)
    raise KeyboardInterrupt
