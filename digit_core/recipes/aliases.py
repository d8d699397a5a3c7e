"""Earlier names of settings and of policies: stored runs, cards, recordings and what people type may use them for ever."""

from typing import Any

ALIASES = {
    "augmentation.calm": "augmentation.clean_share",
    "augmentation.extremes": "augmentation.outlier_share",
    "augmentation.refit": "augmentation.recenter",
    "augmentation.scanned": "augmentation.low_res_share",
    "handwriting, half calm": "handwriting, half clean",
}


def current(name: str) -> str:
    """Today's name of a setting or a policy, such as "augmentation.clean_share" for "augmentation.calm"."""
    return ALIASES.get(name, name)


def renamed(settings: dict[str, Any]) -> dict[str, Any]:
    """A copy of the settings under today's names; where an old and a new name stand for one setting, the new one counts.

    Args:
        settings: as `TrainingConfig.as_dict` gives them, of this version or of an earlier one.
    """
    return {
        part: {current(f"{part}.{name}").rpartition(".")[2]: value[name] for name in _old_first(part, value)}
        if isinstance(value, dict)
        else value
        for part, value in settings.items()
    }


def _old_first(part: str, names: dict[str, Any]) -> list[str]:
    return sorted(names, key=lambda name: f"{part}.{name}" not in ALIASES)
