"""The command line: parse, call one function, print. The one place where an error becomes text and an exit code."""

import codecs
import errno
import io
import os
import sys
from pathlib import Path
from typing import Any, TextIO, cast

import click

from analyzer import __version__
from analyzer.cli import stopping
from analyzer.cli.messages import Messages
from analyzer.errors import SpendError, UsageError

COMMANDS = (
    "analyze", "ingest", "report", "simulate", "review", "reconcile", "export", "query", "prices", "formats", "status",
    "forget",
)  # fmt: skip

# Remedies for what the system is short of, whatever the place.
_SCARCE = {
    errno.EMFILE: "raise the limit of open files (ulimit -n), and run again",
    errno.ENOMEM: "let the program have more memory, and run again",
}


def _filled(_: click.Context, parameter: click.Parameter, value: Any) -> Any:
    """The value, if there is none without a text in it: that would silently mean the usual one, or this folder.

    Raises:
        UsageError: there is.
    """
    if "" in (value if isinstance(value, tuple) else (value,)):
        from analyzer.cli.settings import place

        what = (
            place(parameter.opts[0])
            if isinstance(parameter, click.Option)
            else (parameter.metavar or parameter.human_readable_name).strip("[].")
        )
        raise UsageError(f"{what} is empty", "give it a value, or leave it out")
    return value


class _Commands(click.Group):
    """Commands by name, each imported only when it is used, in the order in which they are needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's signature)
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        from importlib import import_module

        command: click.Command = getattr(import_module(f"analyzer.cli.{cmd_name}"), cmd_name)
        for parameter in command.params:
            parameter.callback = parameter.callback or _filled
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS:
            from difflib import get_close_matches

            near = get_close_matches(args[0], COMMANDS, n=1)
            hint = f"did you mean {near[0]}?" if near else f"commands: {', '.join(COMMANDS)}"
            raise click.UsageError(f"no such command: {args[0]}. {hint}", ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="spend")
@click.option(
    "--config",
    type=click.Path(dir_okay=False),
    callback=_filled,
    help="Options from this file instead of spend.toml.",
)
@click.pass_context
def cli(ctx: click.Context, config: str | None) -> None:
    """Say what LLM API usage logs cost, exactly, and what other models would have cost.

    To begin: spend analyze logs/*.jsonl reads the logs, prints the analysis and writes the HTML report.
    """
    from analyzer.cli.settings import read

    ctx.default_map, ctx.obj = read(config, COMMANDS)


def main() -> None:
    """Run a command; errors are two lines on standard error, never a traceback."""
    os.umask(0o077)  # ledgers, reports and what is spilled on the way: for their owner only
    stopping.heed()
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever started this, as some daemons do: what is said goes nowhere
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115  (as long as the process)
    _spell_out()
    sys.stderr = cast("TextIO", Messages(sys.stderr))
    try:
        code = cli.main(prog_name="spend", standalone_mode=False)
        sys.stdout.flush()
    except SpendError as error:
        say(error)
        code = error.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        code = error.exit_code
    except click.ClickException as error:
        say(_in_our_words(error))
        code = error.exit_code
    except (KeyboardInterrupt, click.Abort):
        code = _interrupted()
    except (BrokenPipeError, SystemExit):  # the reader went away, as `head` does: click leaves by itself then
        code = 0
    except OSError as error:
        told = f"{os.fsdecode(error.filename) if error.filename else 'output'}: {error.strerror or error}"
        say(SpendError(told, _SCARCE.get(error.errno or 0, "check the place and its permissions, and run again")))
        code = 1
    except Exception as error:  # noqa: BLE001  (goes on unless DuckDB raised it)
        code = _of_surroundings(error)
    sys.stderr.flush()
    # Every file is closed by now. A usual exit would take DuckDB's binding apart in an order that it complains of,
    # at length, on standard error.
    os._exit(code if isinstance(code, int) else 0)


def _spell_out() -> None:
    """Write letters that the encoding of an output lacks as JSON does, in place of failing at the first one."""
    codecs.register_error("spelled", _spelled)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="spelled")


def _spelled(error: UnicodeError) -> tuple[str, int]:
    from analyzer.report.visible import escaped

    if not isinstance(error, UnicodeEncodeError):
        raise error
    return escaped(error.object[error.start : error.end]), error.end


def _in_our_words(error: click.ClickException) -> SpendError:
    """Click's errors as ours: what is wrong, then the remedy."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "spend"
    message, name = error.format_message().rstrip("."), getattr(getattr(error, "param", None), "name", None)
    if context and name and context.get_parameter_source(name) is click.core.ParameterSource.DEFAULT_MAP:
        message = f"{context.find_root().obj.where}: {message}"
    return SpendError(message, f"`{command} --help` shows what it takes")


def _of_surroundings(error: Exception) -> int:
    """Say what no statement can mend: a request to end, a full disk, a damaged or tampered ledger, a path that is none.

    Raises:
        Exception: it is anything else, and a mistake of ours.
    """
    if isinstance(error, RuntimeError) and "interrupted" in str(error).lower():
        return _interrupted()
    if isinstance(error, MemoryError):
        say(SpendError("there is not enough memory", "let the program have more, and run again"))
        return SpendError.exit_code
    if isinstance(error, UnicodeEncodeError):
        say(UsageError(f"{error.object}: no name in the encoding of this locale, {error.encoding}", "set PYTHONUTF8=1"))
        return UsageError.exit_code
    if isinstance(error, ValueError) and "null byte" in str(error):
        say(UsageError("a path with a NUL in it", "no file is called so; check the options and spend.toml"))
        return UsageError.exit_code
    if not type(error).__module__.endswith("duckdb"):  # importing it to ask would take longer than most commands
        raise error
    from analyzer.ledger.trouble import trouble

    told = trouble(error)
    if told is None:
        raise error
    say(told)
    return told.exit_code


def _interrupted() -> int:
    click.echo("spend: interrupted; a ledger named with --db holds whole logs, the last one not at all", err=True)
    click.echo("  run it again to read the rest", err=True)
    return stopping.exit_code()


def say(error: SpendError, kind: str = "spend") -> None:
    """Print an error or a warning: what is wrong, then the remedy."""
    from analyzer.ledger.masking import keyless
    from analyzer.report.visible import visible

    for opening, sentence in ((f"{kind}: ", str(error)), ("  ", error.remedy)):
        click.echo(opening + visible(keyless(sentence), 1000), err=True)
