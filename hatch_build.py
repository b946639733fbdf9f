"""What pip does beside copying files: it compiles the loops of `indexer.native` for the machine at hand."""

from __future__ import annotations

import runpy
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class NativeLoops(BuildHookInterface[Any]):
    """Adds the library to the wheel, or leaves it in the folder that is installed as editable."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """See BuildHookInterface."""
        if self.target_name != "wheel":
            return
        library: Path = runpy.run_path(str(Path(self.root, "indexer", "native", "build.py")))["library"]()
        build_data["artifacts"].append(library.relative_to(self.root).as_posix())
        build_data["pure_python"] = False
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["tag"] = f"py3-none-{platform}"
