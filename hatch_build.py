"""What the wheel holds beside the package: the dashboard, the data and the models, below digit_core/_app."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# Of .streamlit its settings alone: a checkout may have secrets there.
APP = ("Home.py", "pages", "ui", "static", ".streamlit/config.toml", "data", "models")


class AppInWheel(BuildHookInterface):
    """Puts the app where `digit_core.settings` looks first, so that `ui` and `pages` are nobody's packages."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the files; an editable installation finds them in the checkout."""
        if version == "editable":
            return
        for name in APP:
            path = Path(self.root) / name
            if path.exists():
                build_data["force_include"][str(path)] = f"digit_core/_app/{name}"
