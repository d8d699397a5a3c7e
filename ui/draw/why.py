"""Why this answer? A drawing beside MNIST: its way through the door, the hand that wrote it, its likes, other readers."""

import html
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
import streamlit as st

from digit_core import figures, images, neighbours, traits, trials
from digit_core.classifier import Classifier
from digit_core.errors import DigitError, NoInkError
from digit_core.images import ALL_STEPS, PLAIN_RESIZE, Stages, Steps
from digit_core.traits import Standing
from digit_core.trials import Trial
from ui import layout, panels, resources, state
from ui.draw import pieces

_NEIGHBOURS = 8
_SHOWN_SIDE = 200  # pixels: larger pictures are reduced before they go to the browser
_SIMPLE = {
    "tells_ground": "which is ink, which is paper? MNIST is white on black",
    "drops_specks": "dirt, frames and far-off dots are left out",
    "crops": "what is drawn in a corner becomes as large as the rest",
    "keeps_aspect": "a 1 stays narrow",
    "strengthens": "a thin pen does not fade when it is shrunk",
    "leaves_margin": "20 of 28 pixels, as in MNIST",
    "centres_by_mass": "where most ink is, there is the middle",
}


@dataclass(frozen=True)
class _Case:
    """A drawing whose answer is asked about: its way through the door, who read it, and what it was meant to be."""

    stages: Stages
    classifier: Classifier
    meant: int

    @cached_property
    def trial(self) -> Trial:
        """What is read with all steps of the door."""
        return trials.read(self.stages, self.classifier, [ALL_STEPS])[0]

    @property
    def pixels(self) -> np.ndarray:
        """What the network sees as uint8 (28, 28)."""
        return as_bytes(self.stages.image)

    @property
    def others(self) -> str:
        """What it is compared with."""
        return f"training {self.meant}s"


def as_bytes(image: np.ndarray) -> np.ndarray:
    """float32 0.0 to 1.0 as uint8."""
    return np.round(image * 255).astype(np.uint8)


def show(model: str, stages: Stages, meant: int | None = None) -> None:
    """Show why a drawing is read as it is.

    Args:
        model: the name of the model that reads.
        stages: the drawing's way through the door, as `images.stages_of_canvas` and the like return it.
        meant: what it was meant to be, where that is known; else the visitor is asked.
    """
    pieces.style()
    classifier = resources.classifier(model)
    answer = classifier.predict_digit(stages.image)[0]
    case = _Case(stages, classifier, _ask(answer) if meant is None else meant)
    st.markdown(_headline(case))
    part = st.segmented_control(
        "Look at",
        list(_PARTS),
        default=next(iter(_PARTS)),
        required=True,
        label_visibility="collapsed",
        key=state.WHY_PART,
        persist_state="session",
    )
    _PARTS[part](case)


def _ask(answer: int) -> int:
    """What the drawing was meant to be: the answer, unless somebody says otherwise."""
    said = st.pills(
        f"It is read as a {answer}. It was meant to be a …",
        list(range(10)),
        default=None,
        key=state.MEANT,
        persist_state="session",
    )
    return answer if said is None else int(said)


def _headline(case: _Case) -> str:
    probabilities = case.trial.probabilities
    assert probabilities is not None  # it came through the door
    answer = int(probabilities.argmax())
    if answer == case.meant:
        return f"Read as a **{answer}**, {figures.percent(float(probabilities[answer]))} sure."
    return (
        f"Meant as a **{case.meant}**, read as a **{answer}** with {figures.percent(float(probabilities[answer]))}; a "
        f"{case.meant} got {figures.percent(float(probabilities[case.meant]))}."
    )


def _findings(case: _Case) -> None:
    """What stands out, in a few sentences."""
    sentences = [*_of_steps(case), *_of_traits(case), _of_neighbours(case), _of_models(case)]
    st.markdown("\n".join(f"- {sentence}" for sentence in sentences))
    st.caption("Each of these is shown in full under the names above.")


def _of_steps(case: _Case) -> list[str]:
    """Steps of the door without which the answer is another one."""
    answer = case.trial.digit
    changing = {
        name: trial.digit
        for name, trial in trials.each_step_left_out(case.stages, case.classifier).items()
        if trial.digit != answer
    }
    if not changing:
        return [
            f"**The door** is not to blame: with any one of its steps left out it is still read as a {answer}."
        ]
    told = ", ".join(
        f"“{trials.STEPS[name]}” ({'nothing is left to read' if digit is None else f'then it is a {digit}'})"
        for name, digit in changing.items()
    )
    return [f"**The door** matters: the answer changes without {told}."]


def _of_traits(case: _Case) -> list[str]:
    sentences = [one.sentence(case.others) for one in _standings(case, case.pixels)]
    unusual = [sentence for sentence in sentences if sentence]
    if not unusual:
        return [f"**Your hand**: stroke, size, place and slant are as usual among the {case.others}."]
    return [f"**Your hand**: {sentence}" for sentence in unusual]


def _of_neighbours(case: _Case) -> str:
    _, labels, _ = _nearest(case)
    same = int((labels == case.meant).sum())
    most = int(np.bincount(labels, minlength=10).argmax())
    return (
        f"**The nearest** {len(labels)} training digits: {same} {'is a' if same == 1 else 'are'} {case.meant}"
        f"{'' if same == 1 else 's'}{'' if most == case.meant else f', most are {most}s'}."
    )


def _of_models(case: _Case) -> str:
    pairs = _readings_of_models(case)
    right = sum(door.digit == case.meant for door, _ in pairs)
    plain = sum(other.digit == case.meant for _, other in pairs)
    return (
        f"**{right} of {len(pairs)} models** read a {case.meant}; after a plain resize, without the door, {plain} of "
        f"{len(pairs)} do."
    )


def _way_in(case: _Case) -> None:
    """Each stage of the door beside a typical digit of MNIST, with any step switched off."""
    steps = _choose_steps()
    seen = _again(case.stages, steps)
    _stages_in_pictures(seen, resources.typical_digit(case.meant), case.meant)
    if seen is not None:
        probabilities = case.classifier.predict(seen.image[None])[0]
        digit = int(probabilities.argmax())
        st.markdown(
            f"With these steps it is read as a **{digit}**, {figures.percent(float(probabilities[digit]))} sure."
        )
    else:
        st.markdown("With these steps **nothing is left to read**.")
    st.markdown("##### What each step is good for: this drawing without it")
    answer = case.trial.digit
    pieces.table(
        ("left out", "what is seen then", "read as"),
        [
            (
                f"{html.escape(trials.STEPS[name])}<small>{html.escape(_SIMPLE[name])}</small>",
                "–" if trial.image is None else _thumbnail(trial.image, f"Without “{trials.STEPS[name]}”"),
                _reading(trial, answer),
            )
            for name, trial in trials.each_step_left_out(case.stages, case.classifier).items()
        ],
        "What is read when one step of the door is left out",
    )


def _choose_steps() -> Steps:
    chosen = st.pills(
        "Steps of the door: press one to switch it off",
        list(trials.STEPS),
        selection_mode="multi",
        default=list(trials.STEPS),
        format_func=trials.STEPS.__getitem__,
        key=state.DOOR_STEPS,
        persist_state="session",
    )
    return Steps(**{name: name in chosen for name in trials.STEPS})


def _again(stages: Stages, steps: Steps) -> Stages | None:
    try:
        return images.again(stages, steps)
    except NoInkError:
        return None


def _stages_in_pictures(yours: Stages | None, typical: Stages, digit: int) -> None:
    heads = ("as it came", "ink found", "cut out", "shrunk", "what the network sees")
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
    st.html(f'<div class="door">{"".join(cells)}</div>')


def _sources(stages: Stages) -> list[str]:
    """The five pictures of a way through the door, as addresses."""
    ink = layout.ink()
    is_clear = bool((stages.ground == 1).all())
    came = (
        figures.digit_png(_small(1 - stages.picture), ink)
        if is_clear
        else figures.grey_png(as_bytes(_small(stages.picture)))
    )
    rest = [
        figures.digit_png(_small(part), ink)
        for part in (stages.ink, stages.crop, stages.fitted, stages.image)
    ]
    return [pieces.source(png) for png in (came, *rest)]


def _small(part: np.ndarray) -> np.ndarray:
    scale = _SHOWN_SIDE / max(part.shape)
    if scale >= 1:
        return part
    size = tuple(max(1, round(side * scale)) for side in part.shape[::-1])
    return cv2.resize(part, size, interpolation=cv2.INTER_AREA)


def _thumbnail(image: np.ndarray, description: str) -> str:
    return panels.picture(image, 56, description)


def _reading(trial: Trial, answer: int | None) -> str:
    """A reading as HTML, marked where it is another than the answer."""
    if trial.probabilities is None:
        return '<span class="changed">nothing is left</span>'
    digit = int(trial.probabilities.argmax())
    words = f"{digit}<small>{figures.percent(float(trial.probabilities[digit]))}</small>"
    return words if digit == answer else f'<span class="changed">≠ {words}</span>'


def _hand(case: _Case) -> None:
    """Stroke, size, place and slant among the training digits of that class."""
    seen, plain = _standings(case, case.pixels), _standings(case, as_bytes(_plain(case.stages)))
    unusual = [sentence for one in seen if (sentence := one.sentence(case.others))]
    st.markdown(
        "\n".join(f"- {sentence}" for sentence in unusual)
        or f"Stroke, size, place and slant are all as usual among the {case.others}."
    )
    pieces.table(
        ("", "yours", f"nine of ten {case.others}", "", "without the door"),
        [
            (
                f"{html.escape(one.trait.title)}<small>{one.trait.unit}</small>",
                f"{_figure(one.value)}<small>{_rank(one)}</small>",
                f"{_figure(one.low)} to {_figure(one.high)}",
                _range(one),
                f"{_figure(raw.value)}<small>{_rank(raw)}</small>",
            )
            for one, raw in zip(seen, plain, strict=True)
        ],
        f"How your digit is written beside the {case.others}",
    )
    st.caption(
        "Measured on the 28 × 28 pixels that the network sees. The band is where nine of ten training digits lie, the mark "
        "is yours. “Without the door” is the same drawing when its whole paper is squeezed into 28 × 28: what a network "
        "trained on MNIST would have to cope with."
    )


def _standings(case: _Case, pixels: np.ndarray) -> tuple[Standing, ...]:
    return traits.compare(pixels, resources.traits_of_mnist()[case.meant])


def _plain(stages: Stages) -> np.ndarray:
    return images.again(stages, PLAIN_RESIZE).image


def _figure(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0").replace("-", "−")


def _rank(one: Standing) -> str:
    """Where it stands, in three words."""
    if one.is_usual:
        return "as usual"
    return "lower than nearly all" if one.share_below < 0.5 else "higher than nearly all"


def _range(one: Standing) -> str:
    """A band where most lie, and a mark where this one lies."""
    room = max(one.high - one.low, 1.0)
    low, high = min(one.low - 0.5 * room, one.value), max(one.high + 0.5 * room, one.value)
    left, right, mark = (100 * (value - low) / (high - low) for value in (one.low, one.high, one.value))
    return (
        f'<span class="range" aria-hidden="true"><span class="usual" style="left:{left:.0f}%;width:{max(right - left, 2):.0f}%">'
        f'</span><span class="yours" style="left:{np.clip(mark, 1, 99):.0f}%"></span></span>'
    )


def _nearest(case: _Case) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows, labels and distances of the nearest training digits."""
    training = resources.mnist().train
    rows, distances = neighbours.nearest(case.pixels, training.images, _NEIGHBOURS)
    return rows, training.labels[rows], distances


def _likes(case: _Case) -> None:
    """The nearest training digits, of all and of the class that was meant."""
    rows, labels, distances = _nearest(case)
    training = resources.mnist().train
    st.markdown(f"The {len(rows)} of 55,000 training digits whose pixels differ the least:")
    _row_of(training.images[rows], labels, rows, distances)
    if not (labels == case.meant).all():
        of_class = np.flatnonzero(training.labels == case.meant)
        near, far = neighbours.nearest(case.pixels, training.images[of_class], _NEIGHBOURS)
        st.markdown(f"The nearest training **{case.meant}s**:")
        _row_of(training.images[of_class[near]], training.labels[of_class[near]], of_class[near], far)
    st.caption(
        "The distance is that of all 784 pixels together: the same digit has 0, two quite different ones some 2,500."
    )


def _row_of(pictures: np.ndarray, labels: np.ndarray, rows: np.ndarray, distances: np.ndarray) -> None:
    panels.captioned(
        images.from_dataset(pictures),
        [f"{label} · {distance:,.0f}" for label, distance in zip(labels, distances, strict=True)],
        [
            f"Training digit {row}, labelled {label}, distance {distance:.0f}"
            for row, label, distance in zip(rows, labels, distances, strict=True)
        ],
    )


def _readings_of_models(case: _Case) -> tuple[tuple[Trial, Trial], ...]:
    """The model in use first, then the shipped ones."""
    others = [resources.classifier(name) for name in resources.cards() if name != case.classifier.name]
    return trials.by_models(case.stages, [case.classifier, *others])


def _readers(case: _Case) -> None:
    """What every model and a plain resize say."""
    pieces.table(
        ("model", "through the door", "plainly resized"),
        [
            (_title(door.model, case), _reading(door, case.meant), _reading(plain, case.meant))
            for door, plain in _readings_of_models(case)
        ],
        "What each model reads, through the door and plainly resized",
    )
    with st.container(horizontal=True, gap="medium"):
        panels.captioned(
            np.stack([case.stages.image, _plain(case.stages)]),
            ["the door", "plain"],
            ["What the networks see through the door", "What they see of the plainly resized drawing"],
        )
    st.caption(
        f"≠ marks what is not a {case.meant}. Plainly resized: the whole paper squeezed into 28 × 28 pixels, as most programs do."
    )


def _title(model: str, case: _Case) -> str:
    in_use = "<small>in use</small>" if model == case.classifier.name else ""
    try:
        return html.escape(resources.model_title(model)) + in_use
    except DigitError:  # a run that was deleted a moment ago still reads
        return html.escape(model) + in_use


_PARTS: dict[str, Callable[[_Case], None]] = {
    "In short": _findings,
    "The way in": _way_in,
    "Your hand": _hand,
    "Its likes": _likes,
    "Other readers": _readers,
}
