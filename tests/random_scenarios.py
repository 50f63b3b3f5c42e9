"""Scenarios drawn at random over the whole vocabulary, the same for the same seed; as texts of their files.

They are for requests as ``made.sql`` makes them: names, globs and bounds are drawn so that some fit many, some few, and some
none.
"""

import random
from collections.abc import Iterator, Sequence

TARGETS = ("flash", "pro", "deepseek-v4-flash", "deepseek-v4-pro", "deepseek-flash", "gpt-5", "claude-sonnet-4-5")
GLOBS = {
    "endpoint": (
        "/endpoint/*",
        "/endpoint/[2-4]",
        "/endpoint/[!56]",
        "*é*",
        "=cmd()",
        "/endpoint/?",
        "/none/*",
        "[/=]*",
    ),
    "model": (
        "deepseek-*",
        "*-pro",
        "gpt-*",
        "claude-sonnet-4-5",
        "gemini-2.5-pro",
        "acme-chat-9b",
        "deepseek-[vf]*",
        "flash",
    ),
    "api_key_name": ("key-?", "key-[13]", "key-*", "key-export"),
    "team": ("team-1", "team-[23]", "*"),
    "operation": ("chat", "ch?t", "embed*"),
    "user": ("user-[1-3]*", "user-?", "user-89"),
}
BOUNDS = {
    "input_tokens": (0, 1, 5_000, 128_000, 128_001, 128_002, 900_000, 2_000_000),
    "output_tokens": (0, 1, 300, 900, 5_000, 10_001),
    "reasoning_tokens": (0, 200, 4_000),
    "tool_calls": (0, 1, 2, 3, 9),
}


def drawn(seed: int) -> str:
    """The file of one scenario."""
    draw = random.Random(seed)
    lines = [f'name = "random-{seed}"', f"default = {_text(draw.choice(('as-logged', *TARGETS)))}"]
    for _ in range(draw.choice((0, 1, 1, 2, 2, 3, 4))):
        lines += _route(draw)
    lines += ["[assume]", *_assumptions(draw)]
    if draw.random() < 0.3:
        lines += ["[prices]", *_prices(draw)]
    return "\n".join(lines) + "\n"


def _text(word: str) -> str:
    return f'"{word}"'


def _texts(words: Sequence[str]) -> str:
    return f"[{', '.join(map(_text, words))}]"


def _route(draw: random.Random) -> Iterator[str]:
    yield "[[route]]"
    yield f"to = {_text(draw.choice(TARGETS))}"
    for word in draw.sample(sorted(GLOBS), draw.choice((0, 0, 1, 1, 2))):
        yield f"{word} = {_texts(draw.sample(GLOBS[word], draw.choice((1, 1, 2))))}"
    for word in draw.sample(sorted(BOUNDS), draw.choice((0, 0, 1, 1, 2))):
        low, high = sorted(draw.sample(BOUNDS[word], 2))
        ends = draw.choice(({"min": low}, {"max": high}, {"min": low, "max": high}))
        yield from (f"{end}_{word} = {bound}" for end, bound in ends.items())
    part = draw.choice(("", "", "share", "share", "token_share"))
    if part == "share":
        yield f"share = {draw.choice(('0', '0.000001', '0.25', '0.333333333333', '0.5', '0.999999', '1'))}"
    elif part:
        yield f"token_share = {draw.choice(('0', '0.1', '0.25', '0.333333', '1'))}"


def _assumptions(draw: random.Random) -> Iterator[str]:
    yield f"cache = {_text(draw.choice(('transferred', 'cold', 'modelled', 'modelled')))}"
    if draw.random() < 0.5:
        yield f"cache_ttl = {_text(draw.choice(('1m', '10m', '59m', '60m', '6h', '24h', '2d', '3650d')))}"
    if draw.random() < 0.15:
        yield f"hit_rate = {draw.choice(('0', '0.5', '0.8', '0.123456', '1'))}"
    if draw.random() < 0.25:
        yield f"output_ratio = {{ {_ratio(draw, draw.choice(('pro', 'deepseek-v4-*', '*', 'flash')))} }}"
    if draw.random() < 0.25:
        names = draw.sample(("claude-*", "gpt-*", "acme-chat-9b", "flash", "*"), 2)
        yield f"input_ratio = {{ {', '.join(_ratio(draw, name) for name in names)} }}"
    if draw.random() < 0.2:
        source, target = draw.sample(("flash", "pro", "deepseek-flash", "deepseek-v4-pro", "gpt-5"), 2)
        rate = draw.choice(("0", "0.08", "0.5", "1"))
        yield f"escalate = {{ from = {_text(source)}, to = {_text(target)}, rate = {rate} }}"
    if draw.random() < 0.25:
        only = draw.choice(
            ("", f"endpoint = {_texts(['/endpoint/*'])}, ", f"endpoint = {_texts(['=cmd()', '/none/*'])}, ")
        )
        yield f"off_peak = {{ {only}max_wait = {_text(draw.choice(('0h', '30m', '90m', '8h', '7d')))} }}"
    if draw.random() < 0.2:
        covers = draw.choice(("", f", covers = {_texts(['deepseek-*'])}", f", covers = {_texts(['pro'])}"))
        yield f"fixed_fee = {{ amount = {_text(draw.choice(('0', '200.00', '19.999')))}, per = {_text('month')}{covers} }}"
    if draw.random() < 0.25:
        yield f"price_date = {_text(draw.choice(('in-force', '2026-04-24', '2026-06-01', '2026-09-20', '2026-11-01')))}"


def _ratio(draw: random.Random, model: str) -> str:
    return f"{_text(model)} = {draw.choice(('0', '0.9', '1', '1.1', '1.23456', '3'))}"


def _prices(draw: random.Random) -> Iterator[str]:
    """Flat, in steps of the input's size, changing within an hour, less than the list, or with searches and images apart."""
    for model in draw.sample(("deepseek-v4-pro", "deepseek-v4-flash", "acme-chat-9b", "gpt-*"), draw.choice((1, 2))):
        figures = (
            f"input = {_text(draw.choice(('0.5', '1.25', '0.000001')))}, output = {_text(draw.choice(('0', '1.5')))}"
        )
        plain = f'{figures}, cache_read = "0.01"'
        entries = draw.choice(
            (
                f"{{ {plain} }}",
                f'[{{ {plain} }}, {{ input = "3", cache_read = "0.02", output = "4", input_above = 128_000 }}]',
                f'[{{ {plain} }}, {{ {figures}, cache_read = "0.011", from = 2026-10-01T12:17:00Z }}]',
                '{ discount = "12.5%" }',
                f'{{ {plain}, input_image = "2", search = "5" }}',
                f'{{ {plain}, currency = "CNY" }}',
            )
        )
        yield f"{_text(model)} = {entries}"
