"""The preprocessing of a drawing beside that of a typical digit of MNIST, with any step switched off."""

from html import escape

import cv2
import numpy as np
import streamlit as st

from digit_core import figures
from digit_core.errors import NoInkError
from digit_core.explanations import ablation
from digit_core.explanations.ablation import Variant
from digit_core.preprocessing import images, normalization
from digit_core.preprocessing.normalization import PreprocessingSteps, Stages
from ui.draw.explained_digit import ExplainedDigit
from ui.frame import data_url, layout, resources, state, words
from ui.panels import answers, html

_SHOWN_SIDE = 200  # pixels: larger pictures are reduced before they go to the browser
_PURPOSES = {
    "binarizes": "which is ink, which is paper? MNIST is white on black",
    "drops_specks": "dirt, frames and far-off dots are left out",
    "crops": "what is drawn in a corner becomes as large as the rest",
    "keeps_aspect": "a 1 stays narrow",
    "strengthens": "a thin pen does not fade when it is shrunk",
    "leaves_margin": "20 of 28 pixels, as in MNIST",
    "centres_by_mass": "the centre of the ink goes to the middle",
}


def show(explained: ExplainedDigit) -> None:
    """Each step of preprocessing beside that of a typical digit of MNIST, with any step switched off."""
    steps = _choose_steps()
    seen = _again(explained.stages, steps)
    _stages_in_pictures(seen, resources.typical_digit(explained.meant), explained.meant)
    if seen is not None:
        probabilities = explained.classifier.predict(seen.image[None])[0]
        digit = int(probabilities.argmax())
        st.markdown(
            f"With these steps it is read as **{words.a(digit)}**, {figures.percent(float(probabilities[digit]))} sure."
        )
    else:
        st.markdown("With these steps **nothing is left to read**.")
    st.markdown("## What each step does: this drawing without it")
    answer = explained.trial.digit
    html.table(
        ("left out", "what the network then sees", "read as"),
        [
            (
                f"{escape(ablation.STEPS[name])}<small>{escape(_PURPOSES[name])}</small>",
                "–"
                if trial.image is None
                else answers.picture(trial.image, 56, f"Without “{ablation.STEPS[name]}”"),
                reading(trial, answer),
            )
            for name, trial in explained.without.items()
        ],
        "What is read when one step of preprocessing is left out",
    )


def _choose_steps() -> PreprocessingSteps:
    chosen = st.pills(
        "Steps of preprocessing (press one to switch it off)",
        list(ablation.STEPS),
        selection_mode="multi",
        default=list(ablation.STEPS),
        format_func=ablation.STEPS.__getitem__,
        wrap=True,
        key=state.PREPROCESSING_STEPS,
        persist_state="session",
    )
    return PreprocessingSteps(**{name: name in chosen for name in ablation.STEPS})


def _again(stages: Stages, steps: PreprocessingSteps) -> Stages | None:
    try:
        return normalization.again(stages, steps)
    except NoInkError:
        return None


def _stages_in_pictures(yours: Stages | None, typical: Stages, digit: int) -> None:
    heads = ("the original", "ink found", "cut out", "shrunk", "what the network sees")
    cells = ['<span class="head"></span>', *(f'<span class="head">{head}</span>' for head in heads)]
    for title, small, stages in (
        ("yours", "", yours),
        ("typical", f"the most typical {digit} of MNIST", typical),
    ):
        cells.append(f'<span class="side">{title}<small>{small}</small></span>')
        cells += (
            [
                f'<img class="seen pixels" alt="{title}, {head}" src="{src}">'
                for head, src in zip(heads, _sources(stages))
            ]
            if stages is not None
            else ["<span>–</span>"] * len(heads)
        )
    st.html(f'<div class="preprocessing-steps">{"".join(cells)}</div>')


def _sources(stages: Stages) -> list[str]:
    """Five pictures of preprocessing, as addresses."""
    ink = layout.ink()
    is_clear = bool((stages.background == 1).all())
    came = (
        figures.digit_png(_small(1 - stages.picture), ink)
        if is_clear
        else figures.grey_png(images.to_dataset(_small(stages.picture)))
    )
    rest = [
        figures.digit_png(_small(part), ink)
        for part in (stages.ink, stages.crop, stages.fitted, stages.image)
    ]
    return [data_url.of(png) for png in (came, *rest)]


def _small(part: np.ndarray) -> np.ndarray:
    scale = _SHOWN_SIDE / max(part.shape)
    if scale >= 1:
        return part
    size = tuple(max(1, round(side * scale)) for side in part.shape[::-1])
    return cv2.resize(part, size, interpolation=cv2.INTER_AREA)


def reading(trial: Variant, answer: int | None) -> str:
    """A reading as HTML, marked where it is another than the answer."""
    if trial.probabilities is None:
        return '<span class="changed in-colour">nothing is left</span>'
    digit = int(trial.probabilities.argmax())
    told = f"{digit}<small>{figures.percent(float(trial.probabilities[digit]))}</small>"
    return told if digit == answer else f'<span class="changed in-colour">≠ {told}</span>'
