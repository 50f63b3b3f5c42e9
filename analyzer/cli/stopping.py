"""Being asked to end, by Ctrl-C, a shutdown or a closed terminal: everything is put away first."""

import signal
from types import FrameType

# Those whose usual effect is to end a process on the spot. Windows has no SIGHUP.
_REQUESTS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
_AGAIN = 0.02  # seconds
_asked: list[int] = []


def heed() -> None:
    """Let such a request end the command as Ctrl-C does; a second one ends the process on the spot."""
    for number in _REQUESTS:
        if signal.getsignal(number) == signal.SIG_DFL:  # `nohup` wants SIGHUP to be ignored
            signal.signal(number, _interrupt)
    if signal.getsignal(signal.SIGINT) == signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupt)


def exit_code() -> int:
    """What a command that was asked to end exits with: 128 and the number of the signal, as shells have it."""
    return 128 + (_asked[0] if _asked else signal.SIGINT)


def _interrupt(number: int, frame: FrameType | None) -> None:
    _asked.append(number)
    if number in _REQUESTS:
        signal.signal(number, signal.SIG_DFL)
    _end(number, frame)


def _end(_: int, frame: FrameType | None) -> None:
    """End the command, but not within an import: a module of C that is half made aborts the process, or hides why."""
    if _importing(frame) and hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, _end)
        signal.setitimer(signal.ITIMER_REAL, _AGAIN)
        return
    raise KeyboardInterrupt


def _importing(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False
