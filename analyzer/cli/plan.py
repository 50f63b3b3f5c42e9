"""What ``spend.toml`` says of the monthly review: who pays, what was planned, what is out of the ordinary."""

from typing import Any

import click


def the_plan() -> Any:
    """Read it.

    Raises:
        UsageError: names the file, the key and the nearest known word.
    """
    from analyzer.cli.settings import Written
    from analyzer.finance.allocation import read_allocation
    from analyzer.finance.plan import read_budgets
    from analyzer.finance.review import Plan
    from analyzer.finance.settings import read_settings

    written = click.get_current_context().find_root().obj or Written()
    return Plan(
        read_allocation(written.tables, written.where),
        read_budgets(written.tables.get("budget", {}), written.where),
        read_settings(written.tables, written.where),
    )
