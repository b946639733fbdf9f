"""The C of this folder → a shared library beside it, named after what it was made from.

Run by pip when Broadsheet is built, where nothing is installed yet but the compiler: so it needs nothing else.
"""

from __future__ import annotations

import os
import sys
import zlib
from importlib.util import find_spec
from pathlib import Path

_FOLDER = Path(__file__).parent
# No fused multiply-add: sums are to come out alike on every machine.
_OPTIONS = ("-std=c11", "-O3", "-ffp-contract=off", "-fPIC", "-shared", "-Wall", "-Wextra")


def library() -> Path:
    """The library of the sources as they are now, compiled if it is not there yet. Raises OSError where that fails."""
    made_of = [*sorted(_FOLDER.glob("*.[ch]")), Path(__file__)]
    path = _FOLDER / f"loops-{zlib.crc32(b''.join([source.read_bytes() for source in made_of])):08x}.so"
    if not path.exists():
        _compile(path)
    return path


def _compile(path: Path) -> None:
    # Seldom needed, and each command would wait for them.
    import subprocess
    import tempfile

    # Under another name first: another process may be about to load it.
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        made = Path(folder) / path.name
        environment = os.environ | {"ZIG_GLOBAL_CACHE_DIR": folder, "ZIG_LOCAL_CACHE_DIR": folder}
        command = [*_compiler(), *_OPTIONS, "-o", str(made), *map(str, sorted(path.parent.glob("*.c")))]
        done = subprocess.run(command, env=environment, stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            raise OSError(f"{' '.join(command)}: {done.stderr}")
        for old in path.parent.glob("loops-*.so"):
            old.unlink(missing_ok=True)
        made.replace(path)


def _compiler() -> list[str]:
    """The compiler that pip installs to build with; the system's in a folder that was never installed."""
    import shutil

    if find_spec("ziglang"):
        # Else for the very processor it runs on, and what is built in one place is often run in another.
        return [sys.executable, "-m", "ziglang", "cc", "-mcpu=baseline"]
    found = shutil.which("cc")
    if found is None:
        raise FileNotFoundError("no C compiler")
    return [found]
