"""One digit, drawn here or taken from the test set, and what the model reads after every stroke."""

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from digit_core import figures, segmentation, settings
from digit_core.errors import DigitError
from digit_core.inference.rejection import NO_DIGIT, Judgement, article
from digit_core.preprocessing import images
from ui.canvas import canvas, drawing, live
from ui.components import lab
from ui.draw import teach, whole_numbers
from ui.frame import held, layout, resources, state
from ui.panels import answers

_EXPLANATION = """
1. **Your ink** is found on the canvas and cut out.
2. It is **shrunk** until its longer side has 20 pixels, just as MNIST's digits were made.
3. It is **centred** on 28 x 28 pixels by its centre of mass. That small picture, shown beside the answer, is all that
   the network ever sees: 784 numbers from 0 (paper) to 1 (ink).
4. The **network** turns these numbers into ten others, one for each digit, that add up to 100%. The largest is its answer.
5. **May it refuse?** Whatever is drawn, the ten numbers add up to 100%, even for a face. So a second small network, which
   has seen thousands of made-up scribbles, letters and shapes, first says whether this looks like a digit at all. And
   where the reader is less sure than it has to be to get 99.5% of such handwriting right, it says "I'm not sure".
   The percentages are corrected beforehand, by one number called the temperature, so that of the digits that it is 90%
   sure of, about 90% are right.
"""
_NUMBERS = {2: "two", 3: "three", 4: "four", 5: "five"}
_GAP = 32  # pixels: "medium"
_WIDTH = settings.CANVAS_SIDE + 2 + _GAP + answers.WIDTH
# On a phone the answer stands right below the paper and its buttons, so that it is seen while one draws; what is set
# once, such as the pen's width, comes after it.
_STYLE = f"""<style>@media (max-width: 640px) {{
.st-key-drawing-place {{ display: grid; grid-template-columns: 100%; gap: .7rem; }}
.st-key-drawing-paper, :has(> .st-key-drawing-paper) {{ display: contents; }}
:has(> .st-key-drawing-answer) {{ order: 1; }}
.st-key-drawing-answer {{ width: 100% !important; }}
:has(> .st-key-{canvas.SETTINGS}) {{ order: 2; }}
}}</style>"""


def show(model: str) -> None:
    """The view: the canvas with its answer, a test digit beside it, and how a drawing becomes an answer.

    Args:
        model: the name of the model in use.
    """
    with st.container(horizontal=True, gap="medium"):
        # A width of its own: else the test digit would stand elsewhere as soon as something is drawn.
        with st.container(width=_WIDTH):
            _draw_and_read(model, lab.file_of(model) if resources.runs_in_browser(model) else None)
        with st.container(width=answers.NARROW_WIDTH):
            _try_a_test_digit(model)
    with st.expander("What is happening here?", icon=":material/school:"):
        st.markdown(_EXPLANATION)
        if st.button("See it happen inside the network", icon=":material/network_node:"):
            layout.open_page("5_Inside")


@st.fragment
def _draw_and_read(model: str, file: str | None) -> None:
    """The canvas and the answer: a stroke reruns these alone. `file` is the model's for the browser, where it can run there."""
    st.html(_STYLE)
    with st.container(horizontal=True, gap="medium", key="drawing-place"):
        paper = st.container(width=settings.CANVAS_SIDE + 2, key="drawing-paper")
        reading = st.container(width=answers.WIDTH, key="drawing-answer")
    at_once = reading.container(key="live-answer")
    _read(model, paper, reading)
    if file is not None:
        with (
            at_once
        ):  # its place is the first one, its turn the last: then the answer that it makes room for is there
            live.follow(file)


def _read(model: str, paper: DeltaGenerator, reading: DeltaGenerator) -> None:
    try:
        with paper:
            drawn = canvas.draw()
        if drawn is None:
            reading.info("Nothing drawn yet: draw one digit, as large as you like.", icon=":material/edit:")
            teach.prepare()
            return
        image = images.from_canvas(drawn)
        reader = resources.classifier(model)
        judgement = reader.judge(image[None])[0]
        # Looked for only where one digit is refused, or may be two: it takes longer than to read that.
        is_asked = judgement.verdict == NO_DIGIT or segmentation.stand_beside(drawn)
        several = segmentation.several_digits(drawn, reader) if is_asked else []
    except DigitError as error:
        reading.warning(str(error), icon=":material/error:")
        teach.prepare()
        return
    with reading:
        if several:
            _offer_the_number(len(several), judgement)
        else:
            answers.judged(image, judgement)
    teach.show(model, image, drawing.step(canvas.SQUARE.key)["png"] or b"", judgement.probabilities)


def _offer_the_number(count: int, judgement: Judgement) -> None:
    """Say how many digits a drawing seems to have, with the way to have them read."""
    told = f"This looks like {_NUMBERS.get(count, 'several')} digits."
    st.html(f'<p class="several" role="status" aria-live="polite">{told}</p>')
    is_wanted = st.button(
        "Read it as a number",
        icon=":material/pin:",
        type="primary",
        help="This puts it on the wide paper of “Whole numbers”, in place of the drawing there. Undo brings that drawing back.",
        on_click=whole_numbers.read_the_digit,
    )
    if is_wanted:
        st.rerun()  # another view, not this fragment alone
    share = figures.percent(judgement.confidence)
    st.caption(f"If it must be one digit: {article(judgement.digit)} {judgement.digit} ({share}).")


@st.fragment
def _try_a_test_digit(model: str) -> None:
    """A test digit by number or at random, and whether the model reads it right."""
    test = resources.mnist().test

    def choose_one() -> None:
        st.session_state[state.TEST_NUMBER] = int(np.random.default_rng().integers(len(test)))

    st.header(
        "Or a test digit", anchor=False, help="One of MNIST's 10,000 test digits, which no model learnt from."
    )
    st.button("Random digit", icon=":material/casino:", on_click=choose_one)
    asked = st.session_state.get(state.TEST_NUMBER, 63)
    tie = held.in_session(state.TEST_NUMBER, asked)
    number = st.number_input("Number", 0, len(test) - 1, asked, **tie)
    image = images.from_dataset(test.images[number])
    probabilities = resources.classifier(model).predict(image[None])[0]
    answers.verdict(image, probabilities, int(test.labels[number]))
