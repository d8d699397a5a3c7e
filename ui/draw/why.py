"""Why this answer? What preprocessing, the handwriting, similar digits and other models say about it, in short."""

from collections.abc import Callable

import numpy as np
import streamlit as st

from digit_core import figures
from digit_core.explanations import ablation
from digit_core.preprocessing.normalization import Stages
from ui.draw import comparisons, preprocessing_steps
from ui.draw.explained_digit import ExplainedDigit
from ui.frame import layout, resources, state, words
from ui.panels import answers, drawn_digit, html


def show_drawing(model: str) -> None:
    """The view: why the drawing on the paper is read as it is.

    Args:
        model: the name of the model in use.
    """
    if (stages := drawn_digit.stages("One digit")) is not None:
        show(model, stages)


def show(model: str, stages: Stages, meant: int | None = None) -> None:
    """Show why a drawing is read as it is.

    Args:
        model: the name of the model that reads.
        stages: what preprocessing made of the drawing, as `images.stages_of_canvas` and the like return it.
        meant: what it was meant to be, where that is known; else the visitor is asked.
    """
    html.style()
    classifier = resources.classifier(model)
    answer = classifier.predict_digit(stages.image)[0]
    explained = ExplainedDigit(stages, classifier, _ask(answer) if meant is None else meant)
    st.markdown(_headline(explained))
    part = layout.pick_way("Look at", _PARTS, state.WHY_PART)
    _PARTS[part](explained)


def _ask(answer: int) -> int:
    """What the drawing was meant to be: the answer, unless somebody says otherwise."""
    said = st.pills(
        f"It is read as {words.a(answer)}. It was meant to be a …",
        list(range(10)),
        default=None,
        wrap=True,
        key=state.MEANT,
        persist_state="session",
    )
    return answer if said is None else int(said)


def _headline(explained: ExplainedDigit) -> str:
    probabilities = explained.trial.probabilities
    assert probabilities is not None  # it passed preprocessing
    answer = int(probabilities.argmax())
    if answer == explained.meant:
        return f"Read as **{words.a(answer)}**, {figures.percent(float(probabilities[answer]))} sure."
    return (
        f"Meant as **{words.a(explained.meant)}**, read as **{words.a(answer)}** with {figures.percent(float(probabilities[answer]))}; "
        f"the {explained.meant} got {figures.percent(float(probabilities[explained.meant]))}."
    )


def _in_short(explained: ExplainedDigit) -> None:
    """What stands out, in a few sentences."""
    answers.captioned(
        np.stack([explained.stages.image, resources.typical_digit(explained.meant).image]),
        ["yours", "typical"],
        ["Your digit as the network sees it", f"The most typical {explained.meant} of MNIST"],
    )
    sentences = [
        *of_steps(explained),
        *of_morphometrics(explained),
        of_neighbours(explained),
        of_models(explained),
    ]
    st.markdown("\n".join(f"- {sentence}" for sentence in sentences))
    st.caption("The names above show each of these in full.")


def of_steps(explained: ExplainedDigit) -> list[str]:
    """Which steps of preprocessing change the answer when they are left out; but for binarization, without which none reads."""
    answer = explained.trial.digit
    changing = {
        name: trial.digit
        for name, trial in explained.without.items()
        if trial.digit != answer and name != "binarizes"
    }
    told = ", ".join(
        f"“{ablation.STEPS[name]}” ({'nothing is left' if digit is None else f'then {words.a(digit)} is read'})"
        for name, digit in changing.items()
    )
    if told:
        return [f"**Preprocessing** matters: the answer changes without {told}."]
    return [
        f"**Preprocessing** does not decide: with any one of its steps left out, it is still read as {words.a(answer)}."
    ]


def of_morphometrics(explained: ExplainedDigit) -> list[str]:
    """What is unusual about the hand."""
    unusual = [
        sentence
        for one in explained.comparisons(explained.pixels)
        if (sentence := one.sentence(explained.peers))
    ]
    if not unusual:
        return [f"**Your hand**: stroke, size, place and slant are all typical of the {explained.peers}."]
    return [f"**Your hand**: {sentence}" for sentence in unusual]


def of_neighbours(explained: ExplainedDigit) -> str:
    """What the nearest training digits are."""
    counts = np.bincount(resources.mnist().train.labels[explained.nearest[0]], minlength=10)
    told = ", ".join(
        f"{counts[digit]} × {digit}" for digit in np.argsort(-counts, kind="stable") if counts[digit]
    )
    return f"**The {counts.sum()} nearest** training digits, pixel for pixel: {told}."


def of_models(explained: ExplainedDigit) -> str:
    """How many models read what was meant."""
    pairs = explained.by_models
    right = sum(full.digit == explained.meant for full, _ in pairs)
    plain = sum(other.digit == explained.meant for _, other in pairs)
    return (
        f"**{right} of {len(pairs)} models** read {words.a(explained.meant)}; when the paper is only resized, without our preprocessing, {plain} "
        f"of {len(pairs)} do."
    )


_PARTS: dict[str, Callable[[ExplainedDigit], None]] = {
    "In short": _in_short,
    "Preprocessing": preprocessing_steps.show,
    "Your hand": comparisons.hand,
    "Nearest digits": comparisons.nearest_digits,
    "Other models": comparisons.models,
}
