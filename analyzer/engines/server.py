"""Where a server of Spark Connect is, and a session there, without the ten minutes that its client would wait."""

import re
import socket
import warnings
from dataclasses import dataclass, field
from typing import Any, Self

from analyzer.errors import EngineError

_PORT = 15002
_PROBE = 10.0  # seconds; the client itself would go on trying for ten minutes
_ADDRESS = re.compile(r"sc://(?P<host>\[[0-9A-Fa-f:.]+\]|[\w.-]+)(?::(?P<port>\d{1,5}))?(?:/(?:;(?P<words>.*))?)?")


@dataclass(frozen=True)
class Server:
    """A server that was named.

    Attributes:
        address: how, for the client: ``sc://host:port/;token=...``. A token may stand in it, so it is in no message.
        host: its host.
        port: its port.
    """

    address: str = field(repr=False)
    host: str
    port: int

    @classmethod
    def at(cls, address: str) -> Self:
        """The server at an address.

        Raises:
            EngineError: it is no address of one.
        """
        found = _ADDRESS.fullmatch(address)
        words = found["words"] or "" if found else ""
        if found is None or not all(re.fullmatch(r"\w+=[^;]+", word) for word in words.split(";") if word):
            scheme, separator, _ = address.partition("://")
            raise EngineError(
                f"--engine {scheme + '://...' if separator else '...'}: no address of an engine",
                "write duckdb, or sc://host:port for Spark Connect, with /;token=...;use_ssl=true where it wants them",
            )
        return cls(address, found["host"].strip("[]"), int(found["port"] or _PORT))

    @property
    def where(self) -> str:
        """Host and port, for messages."""
        return f"sc://{self.host}:{self.port}"

    def session(self) -> Any:
        """The client's session there.

        Raises:
            EngineError: nothing answers there, the client is not installed, or it does not understand the address.
        """
        self._probe()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of versions that the client was not tried with
                from pyspark.errors import PySparkException
                from pyspark.sql.connect.session import SparkSession

                return SparkSession.builder.remote(self.address).create()
        except ImportError as error:
            raise EngineError(
                f"{self.where}: the client of Spark Connect cannot be loaded ({error})",
                "pip install 'spend-analyzer[spark]'",
            ) from error
        except PySparkException as error:
            raise EngineError(
                f"{self.where}: the address is not understood", "write sc://host:port/;token=...;use_ssl=true"
            ) from error

    def _probe(self) -> None:
        try:
            socket.create_connection((self.host, self.port), timeout=_PROBE).close()
        except (OSError, OverflowError) as error:
            reason = (
                "no answer in 10 seconds"
                if isinstance(error, TimeoutError)
                else getattr(error, "strerror", None) or error
            )
            raise EngineError(
                f"{self.where}: cannot be reached ({reason})",
                "see that the Spark Connect server runs there and that its port is open from here",
            ) from error
