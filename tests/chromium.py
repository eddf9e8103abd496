"""The browser that the desk's tests drive: found, or installed from Debian where that may be done.

`python -m tests.chromium` runs before the tests. It never fails them: what can't be had is said in one line, and the
browser tests are then reported as not run.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = {"browser": "chromium", "font": "fonts-noto-cjk"}
INSTALL_S = 600


def chromium() -> Path | None:
    """The browser's path; CHROMIUM names another one."""
    given = os.environ.get("CHROMIUM")
    found = given if given and Path(given).is_file() else next(filter(None, map(shutil.which, NAMES)), None)
    return Path(found) if found else None


def has_chinese_font() -> bool:
    """Whether Chinese can be drawn; without fontconfig nobody knows, and an unknown is a no."""
    lister = shutil.which("fc-list")
    if lister is None:
        return False
    listed = subprocess.run([lister, ":lang=zh", "family"], capture_output=True, check=False, timeout=60)
    return bool(listed.stdout.strip())


def why_not_install() -> str:
    """Why packages can't be installed from here; empty when they can."""
    if shutil.which("apt-get") is None:
        return "there is no apt-get here"
    if os.geteuid() != 0:
        return "that needs root"
    return ""


def missing() -> list[str]:
    """Debian's packages that are needed and not there."""
    needed = [] if chromium() else [PACKAGES["browser"]]
    return needed if has_chinese_font() else [*needed, PACKAGES["font"]]


def install(packages: list[str]) -> str:
    """Install Debian's packages; what went wrong, empty when nothing did."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-q"],
        ["apt-get", "install", "-q", "-y", "--no-install-recommends", *packages],
    ):
        try:
            done = subprocess.run(command, env=environment, capture_output=True, check=False, timeout=INSTALL_S)
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"{' '.join(command[:2])}: {error}"
        if done.returncode and command[1] == "install":
            last = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:] or ["no message"]
            return f"{' '.join(command[:2])}: {last[0]}"
    return ""


def prepare() -> str:
    """Find or install what is needed; one line that says how it stands."""
    needed = missing()
    if needed:
        problem = why_not_install() or install(needed)
        still = missing()
        if PACKAGES["browser"] in still:
            return (
                f"No chromium found and none installed ({problem}): browser tests are reported as not run. "
                f"Remedy: sudo apt-get install {' '.join(still)}, or set CHROMIUM to a Chrome or Chromium binary."
            )
        if still:
            return f"chromium: {chromium()}. No Chinese font ({problem}): screenshots will show boxes for Chinese."
    return f"chromium: {chromium()}"


def main() -> None:
    sys.stderr.write(prepare() + "\n")


if __name__ == "__main__":
    main()
