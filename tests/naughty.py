"""Names that want to be something else: code, markup, formulas, paths, commands of a terminal. By class."""

NAUGHTY = {
    "markup": [
        "<script>alert(1)</script>",
        "</script><script>alert(2)</script>",
        "<img src=x onerror=alert(3)>",
        "\"><svg/onload=alert(4)>",
        "' onmouseover='alert(5)",
        "<!--", "-->", "]]>", "<![CDATA[x]]>",
        "<a href=\"javascript:alert(6)\">x</a>",
        "</style></title></textarea><b>x",
        "&lt;script&gt;", "&#0;", "&#x202e;x", "<\x00script>",
        "{{7*7}}", "${7*7}", "<%= 7*7 %>", "#{7*7}", "__proto__", "constructor",
        "</script\t><iframe src=data:text/html,x>",
    ],
    "sql": [
        "'; DROP TABLE requests; --", "\" OR \"\"=\"", "1; COPY (SELECT 1) TO '/tmp/spend-naughty'", "' UNION SELECT * FROM ledger --",
        "$$; SELECT 1; $$", "x' || (SELECT version()) || 'x", "read_text('/etc/passwd')", "{select}", "{stored}", "?", "$1", ":name",
        "getvariable('tz')", "NULL", "null", "true", "-0", "NaN", "Infinity", "%", "_", "*", "[a-z]*", "\\", "\\'", "'", "''", "\"",
    ],
    "shell": ["$(touch /tmp/spend-naughty)", "`touch /tmp/spend-naughty`", "; rm -rf x", "| cat /etc/passwd", "&& true", "--help", "-rf", "%PATH%", "~root", "!!"],
    "formulas": [
        "=1+1", "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1", "\n=1+1", "=HYPERLINK(\"http://x.example\",\"x\")",
        "=IMPORTXML(\"http://x.example\",\"//a\")", "\uff1d1+1", "\uff0b1", "\uff0d1", "\uff20SUM(1)", "a,b;c\td\"e", "x\r\n=1+1",
    ],
    "control": [
        "\x1b[2J\x1b[31mred", "\x1b]0;title\x07", "\x1b]8;;http://x.example\x1b\\link", "\x9b31mred", "\x9d0;title\x9c", "bell\x07", "back\x08\x08\x08\x08",
        "over\rwritten", "two\nlines", "form\x0cfeed", "vertical\x0btab", "del\x7f", "nel\x85", "nul\x00nul", "\x00", "\x1b", "\x1bc", "a\x1b[1A\x1b[2Kb",
    ],
    "unseen": [
        "\u202eesrever", "\u2066isolate\u2069", "zero\u200bwidth", "\u200d\u200c\ufeff", "soft\u00adhyphen", "\u2028line", "\u2029para", "\u061carabic",
        "\u180emongolian", "\ufff9annotated\ufffb", "tag\U000e0041\U000e007f", "\u115f\u3164filler", "\ufe0f", "\u00a0nbsp\u00a0", "\u2060",
    ],
    "wide": ["z\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307" * 8, "\u8868\u683c\u3092\u58ca\u3059" * 6, "\U0001f469\u200d\U0001f469\u200d\U0001f467", "\U0001f1e9\U0001f1ea",
             "\uff21\uff22\uff23", "\u0627\u0644\u0639\u0631\u0628\u064a\u0629", "\u05e9\u05dc\u05d5\u05dd", "\ufdfa", "\u0131\u0130\u00df\ufb03", "\U0001f3f3\ufe0f\u200d\U0001f308"],
    "long": ["w" * 999, "w" * 1_001, "word " * 400, "\u8868" * 1_200, "<" * 1_000, "'" * 1_000],
    "paths": ["../../../../etc/passwd", "/etc/passwd", "..\\..\\win.ini", "C:\\con", "con", "nul", "file:///etc/passwd", "//x.example/share", "/dev/full", "."],
    "formats": ["%s%s%s%n", "%d", "{0}", "{}", "{0.__class__.__mro__}", "%(x)s", "[red]x[/red]", "[link=http://x.example]x[/link]", "\\N{BULLET}", "\\u0041", "\\x1b[31m", "\\"],
    "surrogates": ["\ud800", "x\udfffy", "\udc80"],
}  # fmt: skip

ALL = [text for texts in NAUGHTY.values() for text in texts]
