"""Inside the network while it learns: what it answers, how its layers fare, what it mixes up, what it looks for."""

from collections.abc import Callable

import streamlit as st

from digit_core.monitoring.events import Snapshot
from digit_core.monitoring.recordings import Progress
from ui.frame import held, layout
from ui.panels import filters, learning_curves
from ui.train.watch import inside_pictures

_EPOCHS = "Epochs"  # all of them at once: the one view without a moment


def show(progress: Progress, key: str, *, looks_back: bool = True) -> None:
    """Show one view of the network, chosen by the visitor; only that one is made and sent.

    Args:
        progress: of the run.
        key: of the widgets, one a run.
        looks_back: offer the moments before; a replay has a slider of its own.
    """
    view = layout.pick_way("Look inside", [*_VIEWS, _EPOCHS], f"inside {key}")
    if view == _EPOCHS:
        learning_curves.learning_rate(progress, key)
        inside_pictures.epochs(progress)
        return
    if not progress.snapshots:
        st.info(
            "In a moment you can look inside the network, before its first step.", icon=":material/hourglass:"
        )
        return
    chosen = len(progress.snapshots) - 1
    if looks_back:
        chosen = _choose_moment(progress, key)
    else:
        st.caption(kept_in_words(progress.snapshots[chosen]))
    _VIEWS[view](progress, chosen)


def moment(snapshot: Snapshot) -> str:
    """When a snapshot was taken, in a word or two."""
    if snapshot.epoch == 0:
        return "before the start"
    return f"epoch {snapshot.epoch}" if snapshot.confusion is not None else "now"


def kept_in_words(snapshot: Snapshot) -> str:
    """Which of the run's moments a replay shows the inside of."""
    when = "before the first step" if snapshot.epoch == 0 else f"after epoch {snapshot.epoch}"
    return f"The network as it was {when}: a recording keeps it at the end of each epoch."


def with_confusion(snapshots: tuple[Snapshot, ...], chosen: int) -> Snapshot | None:
    """The latest snapshot up to the chosen one that knows what was mixed up: that is told at the end of an epoch."""
    return next((shot for shot in snapshots[chosen::-1] if shot.confusion is not None), None)


def _choose_moment(progress: Progress, key: str) -> int:
    """The index of a snapshot. At its right end the slider goes along with the run; elsewhere it stays."""
    last = len(progress.snapshots) - 1
    kept = f"looks back {key}"
    back = st.session_state.get(kept)
    place = last if back is None else min(back, last)

    def keep(chosen: int) -> None:
        st.session_state[kept] = None if chosen == last else chosen

    return st.select_slider(
        "When",
        range(max(2, last + 1)),
        format_func=lambda index: moment(progress.snapshots[index]) if index <= last else "now",
        value=place,
        # With other moments to choose from it is another slider: the browser would send the place in the old one.
        **held.by(f"moment {key}", place, keep, [last]),
        disabled=last < 1,  # with one moment there is no choice, but what stands below is not to jump later
        help="Drag it back to see the network as it was. At the right end it follows the run.",
    )


def _digits(progress: Progress, chosen: int) -> None:
    if progress.watched is None:
        st.info("This run did not say which digits it watches.")
        return
    inside_pictures.watched(progress.watched, progress.snapshots[chosen].probabilities)


def _confusion(progress: Progress, chosen: int) -> None:
    shot = with_confusion(progress.snapshots, chosen)
    if shot is None or shot.confusion is None:
        st.info("Mix-ups are counted at the end of each epoch.", icon=":material/hourglass:")
        return
    inside_pictures.confusion(shot.confusion, shot.epoch)


_VIEWS: dict[str, Callable[[Progress, int], None]] = {
    "Twenty digits": _digits,
    "Mix-ups": _confusion,
    "Layers": lambda progress, chosen: inside_pictures.layers(progress.snapshots[chosen].layers),
    "Filters": lambda progress, chosen: filters.show(("", progress.snapshots[chosen].filters)),
}
