"""Where a network looked: what of a digit speaks for an answer and what against, and what each of its layers finds."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import streamlit as st

from digit_core import figures
from digit_core.explanations import saliency
from digit_core.figures import explanations
from digit_core.inference.classifier import Classifier
from digit_core.preprocessing import images
from ui.frame import layout, resources, state, words
from ui.panels import answers, charts, html

_ANSWER = "answer"
_FILTERS = 6  # that are shown by themselves
_NO_EFFECT = 0.005  # of probability: smaller drops are none
_SHEET = 560  # pixels of the page that the pictures of a layer take at the most


def show(model: str, image: np.ndarray) -> None:
    """Show what speaks for an answer and what against.

    Args:
        model: the name of the model.
        image: array of shape (28, 28): float32, 0.0 to 1.0, ink is 1.0; or uint8, ink is 255.
    """
    html.style()
    picture = images.from_dataset(image) if image.dtype == np.uint8 else image
    classifier = resources.classifier(model)
    way = layout.pick_way("How to find out", _WAYS, state.ASKED_HOW)
    _WAYS[way](classifier, picture)


def _ask(classifier: Classifier, image: np.ndarray) -> int:
    """The digit to ask about: the answer, whatever it is, or one that was chosen."""
    probabilities = classifier.predict(image[None])[0]
    answer = int(probabilities.argmax())
    asked = st.pills(
        "What speaks for and against a …",
        [_ANSWER, *range(10)],
        default=_ANSWER,
        required=True,
        wrap=True,
        format_func=lambda one: f"its answer, {answer}" if one == _ANSWER else str(one),
        key=state.ASKED_DIGIT,
        persist_state="session",
    )
    digit = answer if asked == _ANSWER else int(asked)
    st.markdown(
        f"The network reads this as **{words.a(digit)}** with {figures.percent(float(probabilities[digit]))}."
    )
    return digit


def _score_cam(classifier: Classifier, image: np.ndarray) -> None:
    """Score-CAM, and what it says of each filter."""
    if saliency.last_convolution(classifier) is None:
        st.info(
            "This network has no convolution: its dense layers see 784 numbers in a row and no places. Score-CAM needs "
            "a convolution. Here are its layers as bars instead; “Cover it” works for every network.",
            icon=":material/bar_chart:",
        )
        _layers(classifier, image)
        return
    digit = _ask(classifier, image)
    found = saliency.score_cam(classifier, image, digit)
    if found is None or not len(found.filters):
        st.info("The last convolution finds nothing here: there is nothing to show.")
        return
    rows, columns = found.cells
    html.overlays(
        image,
        [
            (
                found.balance,
                "For and against",
                f"What speaks for {words.a(digit)}, less what speaks for all other digits.",
            ),
            (found.speaks_for, "Score-CAM", "The method's own map: where the filters that help were active."),
        ],
    )
    html.legend(digit)
    st.caption(
        f"The last convolution has {len(found.filters)} filters that find something here. What each found is used as a "
        f"stencil: only that part of the drawing is shown to the network. The more this speaks for {words.a(digit)}, the more the "
        f"filter counts (Score-CAM, Wang et al., 2020). It has only {rows} × {columns} places, so the map is soft."
    )
    _filters(found)
    with st.expander("As a table", icon=":material/table:"):
        st.caption("Percent of the strongest place, for blocks of 4 × 4 pixels; + speaks for, − against.")
        html.value_table(found.balance, f"What speaks for and against {words.a(digit)}, by place")
        table = pd.DataFrame(
            {
                "filter": found.filters,
                "weight in %": (100 * found.weights).round(1),
                "gain in log-odds": found.gains.round(2),
            }
        )
        st.dataframe(table, hide_index=True, height=240)
        _download(found.balance, f"score-cam-{digit}", table)


def _filters(found: saliency.ScoreCam) -> None:
    few = slice(0, _FILTERS)
    numbers, weights = found.filters[few], found.weights[few]
    st.markdown(
        f"**The filters that count most for {words.a(found.digit)}**, and where each found what it looks for:"
    )
    answers.captioned(
        found.maps[few],
        [f"{weight:.0%}" for weight in weights],
        [
            f"Filter {number}, {weight:.0%} of the weight"
            for number, weight in zip(numbers, weights, strict=True)
        ],
    )


def _cover(classifier: Classifier, image: np.ndarray) -> None:
    """Occlusion: a patch of paper over every place."""
    digit = _ask(classifier, image)
    drop = saliency.occlusion(classifier, image, digit)
    most = float(np.abs(drop).max())
    told = (
        f"Covering the strongest place changes its probability by {most:.0%}."
        if most > _NO_EFFECT
        else f"No patch changes the probability of {words.a(digit)} by more than half a percent: no single place decides."
    )
    html.overlays(image, [(drop if most > _NO_EFFECT else np.zeros_like(drop), "Covered", told)])
    html.legend(digit)
    st.caption(
        f"A patch of paper of {saliency.PATCH} × {saliency.PATCH} pixels covered each place in turn. Orange: with this place covered, "
        f"{words.a(digit)} is less likely, so the place speaks for it. Blue: {words.a(digit)} is more likely, so the place speaks "
        "against it."
    )
    with st.expander("As a table", icon=":material/table:"):
        st.caption("Percent of the strongest place, for blocks of 4 × 4 pixels; + speaks for, − against.")
        html.value_table(drop, f"What speaks for and against {words.a(digit)}, by place")
        _download(drop, f"covered-{digit}")


def _download(values: np.ndarray, name: str, table: pd.DataFrame | None = None) -> None:
    with st.container(horizontal=True, gap="xsmall"):
        charts.csv_button("All 784 places (CSV)", pd.DataFrame(values.round(5)), name)
        if table is not None:
            charts.csv_button("All filters (CSV)", table, f"{name}-filters")


def _layers(classifier: Classifier, image: np.ndarray) -> None:
    """What each layer answers: pictures behind convolutions, bars behind dense layers."""
    by_layer = saliency.layer_activations(classifier, image)
    names = list(by_layer)
    place = st.select_slider(
        "Layer, from the drawing to the answer",
        range(len(names)),
        format_func=lambda index: f"{index + 1}. {names[index].replace('_', ' ')}",
        key=f"{state.ASKED_LAYER} {classifier.name}",
        persist_state="session",
    )
    name, found = names[place], by_layer[names[place]]
    if found.ndim == 3 and min(found.shape[:2]) > 1:
        _feature_maps(name, found)
    else:
        _bars(name, found.ravel(), is_last=place == len(names) - 1)


def _feature_maps(name: str, found: np.ndarray) -> None:
    rows, columns, count = found.shape
    maps = np.moveaxis(found, 2, 0)
    is_signed = bool(maps.min() < 0)
    in_a_row = min(count, 16 if count > 48 else 8)
    scale = max(1, _SHEET // (in_a_row * columns))
    if is_signed:
        png = explanations.filters_png(maps, in_a_row, scale)
    else:
        png = figures.sprite_png(maps / max(float(maps.max()), 1e-9), in_a_row, layout.ink(), scale)
    st.markdown(
        f"**{count} filters**, each a picture of {rows} × {columns}: the stronger the ink, the more it found there."
    )
    answers.sprite(png, _SHEET, f"What the {count} filters of {name} find")
    silent = int((maps.max(axis=(1, 2)) <= 0).sum())
    if silent:
        st.caption(f"{silent} of them find nothing in this drawing: their pictures are blank.")
    with st.expander("As a table", icon=":material/table:"):
        table = pd.DataFrame(
            {
                "filter": range(count),
                "strongest answer": maps.max(axis=(1, 2)).round(3),
                "mean answer": maps.mean(axis=(1, 2)).round(4),
                "places above 0, %": (100 * (maps > 0).mean(axis=(1, 2))).round(0),
            }
        )
        st.dataframe(table, hide_index=True, height=260)
        charts.csv_button("All filters (CSV)", table, f"layer-{name}")


def _bars(name: str, found: np.ndarray, *, is_last: bool) -> None:
    word = "digit" if is_last and len(found) == 10 else "unit"
    active = int((found > 0).sum())
    st.markdown(
        "**The answer**: ten numbers that add up to 100%."
        if word == "digit"
        else f"**{len(found)} units**, {active} of them above 0: there are no places any more here; each unit stands for something about "
        "the whole drawing."
    )
    charts.show(
        explanations.units(found, word),
        f"What the {len(found)} {word}s of {name} answer",
        f"layer-{name}",
        pd.DataFrame({word: range(len(found)), "answer": found.round(5)}),
    )


_WAYS: dict[str, Callable[[Classifier, np.ndarray], None]] = {
    "For and against": _score_cam,
    "Cover it": _cover,
    "Inside the layers": _layers,
}
