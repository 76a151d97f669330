"""The text speaks of the product alone: no host of a package registry, no path of a machine, no foreign tool."""

import re
from typing import Final

from tests.house.checks.finding import Finding

# Put together from pieces, since this file is read by its own check.
HOSTS: Final = [
    "py" + "pi.org", "python" + "hosted.org", "npm" + "js.org", "npm" + "js.com", "yarn" + "pkg.com",
    "npm" + "mirror", "docker" + ".io", "docker" + ".com", "gh" + "cr.io", "qu" + "ay.io", "g" + "cr.io",
    "crates" + ".io", "proxy.go" + "lang.org", "deb." + "debian.org", "archive.ub" + "untu.com", "jsdel" + "ivr",
    "un" + "pkg.com", "tuna.tsing" + "hua", "ali" + "yun.com/py" + "pi",
]  # fmt: skip
PLACES: Final = ["/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/", "/Us" + "ers/", "/tmp/te" + "am", "/py" + "env"]
TOOLS: Final = [
    "clau" + "de", "anthro" + "pic", "chat" + "gpt", "open" + "ai", "copi" + "lot", "cod" + "ex", "gem" + "ini",
    "sub-?ag" + "ents?", "large language mo" + "dels?", "ll" + "ms?",
]  # fmt: skip
UNWELCOME: Final = re.compile(
    "|".join(
        [
            *(re.escape(host) for host in HOSTS),
            *(rf"(?<![\w.-]){re.escape(place)}" for place in PLACES),
            *(rf"\b{tool}\b" for tool in TOOLS),
        ]
    ),
    re.IGNORECASE,
)


def unwelcome_words(path: str, source: str) -> list[Finding]:
    """No line of a text names a registry's host, a machine's path or an outside tool."""
    return [
        Finding(path, number, f"the text names {match.group()!r}")
        for number, line in enumerate(source.splitlines(), start=1)
        if (match := UNWELCOME.search(line))
    ]
