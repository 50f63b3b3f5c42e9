"""Look the locked versions up among known vulnerabilities, with pip-audit, and say what was found.

A vulnerability fails. That no database could be reached does not, and is said: nothing is known then.
"""

import json
import subprocess
import sys
from pathlib import Path

LOCK = Path(__file__).with_name("requirements.txt")


def main(pip_audit: str) -> int:
    """Audit, print, and return what to exit with."""
    words = [pip_audit, "-r", str(LOCK), "--require-hashes", "--disable-pip", "-f", "json", "--progress-spinner", "off"]
    told = ["no answer in five minutes"]
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=300)
        told = done.stderr.strip().splitlines() or ["no answer"]
        found = json.loads(done.stdout)["dependencies"]
    except (ValueError, subprocess.TimeoutExpired):
        print(f"no vulnerability database could be asked here: nothing was audited ({told[-1][:200]})")
        return 0
    unknown = [one["name"] for one in found if "skip_reason" in one]
    vulnerable = [one for one in found if one.get("vulns")]
    print(f"{len(found) - len(unknown)} of {len(found)} locked packages were audited")
    if unknown:
        print(f"not known to the database that could be reached: {', '.join(unknown)}")
    for one in vulnerable:
        for each in one["vulns"]:
            mended = ", ".join(each["fix_versions"]) or "none yet"
            print(f"{one['name']} {one['version']}: {each['id']}, mended in {mended}")
    return 1 if vulnerable else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
