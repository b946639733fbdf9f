"""Run whoosh3's own test suite with Broadsheet's codec as the default.

    python tests/whoosh_suite/run.py [PYTEST OPTION...]

Downloads the source distribution of the installed whoosh3 into a temporary folder. Fails when a test fails that
not_applicable.toml does not list, and when one passes that it lists.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]


def main() -> int:
    with TemporaryDirectory() as folder:
        suite = download(Path(folder))
        environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(HERE), str(REPOSITORY)])}
        options = ["-q", "-rfEsx", "-p", "no:cacheprovider", "-p", "not_applicable_plugin", *sys.argv[1:], "tests"]
        return subprocess.run([sys.executable, "-m", "pytest", *options], cwd=suite, env=environment).returncode


def download(folder: Path) -> Path:
    """The unpacked source distribution of the whoosh3 that is installed."""
    requirement = f"whoosh3=={version('whoosh3')}"
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:", requirement]
    subprocess.run(pip, cwd=folder, check=True)
    [archive] = folder.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    return folder / archive.name.removesuffix(".tar.gz")


if __name__ == "__main__":
    sys.exit(main())
