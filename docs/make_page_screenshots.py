"""Make the pictures of the search page in docs/: what a browser really shows of the sample index.

    python docs/make_page_screenshots.py

Runs the installed `server` on $BROADSHEET_INDEX or the sample index, and drives a Chromium that is installed
(`apt-get install chromium`) with the Python package playwright.
"""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import sync_playwright

REPOSITORY: Final = Path(__file__).parents[1]
FOLDER: Final = Path(__file__).parent
WINDOW: Final = {"width": 1080, "height": 900}
# Picture → the address, and what kind of browser looks at it.
PICTURES: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "page.png": ('/?q=ceasefire OR "coalition of the willing"&source=-Tidemark', {"viewport": WINDOW}),
    "page-dark.png": ("/?q=harbour&sort=newest", {"viewport": WINDOW, "color_scheme": "dark"}),
    "page-phone.png": ("/?q=harbour", {"viewport": {"width": 375, "height": 812}, "device_scale_factor": 1.5}),
    "page-article.png": ("/?q=eelgrass", {"viewport": WINDOW}),
}


def main() -> None:
    """Write the pictures."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("There is no Chromium here: apt-get install chromium")
    command = [str(Path(sys.executable).with_name("server")), "run", "--port", "0", "--workers", "1"]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            found = re.search(r"http://\S+", server.stdout.readline())
            if found is None:
                raise SystemExit("The server did not start: is Broadsheet installed beside this Python?")
            _take(chromium, found[0])
        finally:
            server.send_signal(signal.SIGINT)


def _take(chromium: str, address: str) -> None:
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=chromium) as browser:
        for name, (path, options) in PICTURES.items():
            page = browser.new_page(base_url=address, locale="en-GB", **options)
            page.goto(path)
            if name == "page-article.png":
                # A click, as browsers point out the words only to who came by one.
                page.locator(".hits h2 a").first.click()
                page.get_by_role("heading", level=1).wait_for()
            page.screenshot(path=FOLDER / name)
            page.close()


if __name__ == "__main__":
    main()
