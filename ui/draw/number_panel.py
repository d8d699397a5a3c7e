"""A whole number as it was read: its text, its digits on the picture, and a person's corrections."""

import html
from collections import Counter
from functools import partial
from typing import Any

import streamlit as st

from digit_core import figures
from digit_core.figures.base import NEUTRAL
from digit_core.segmentation import SignBox, corrections
from digit_core.segmentation.corrections import Corrected
from ui.components import boxes
from ui.components.boxes import NamedBox
from ui.draw import number_record, number_stages, teach
from ui.frame import held, layout, resources, words
from ui.panels import answers

_DOUBTFUL = 0.9  # of certainty: a digit that is less sure has a dashed edge
_STYLE = """<style>
.number-lines { display: flex; flex-direction: column; gap: .1rem; margin: .1rem 0 .2rem; }
.number-lines p { margin: 0; display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 1rem; }
.number-lines b { font-size: 2.3rem; line-height: 1.2; letter-spacing: .06em; font-variant-numeric: tabular-nums; }
.number-lines.many b { font-size: 1.5rem; }
.chosen-digit { display: flex; gap: .8rem; align-items: center; }
.chosen-digit p { margin: 0; }
</style>"""


def show(way: str, model: str) -> None:
    """The panel of the number that was found.

    Args:
        way: to bring a number: see `number_record`.
        model: the name of the model in use.
    """
    record = number_record.of(way)
    if record is None:
        return
    digits = [] if record["failure"] else number_record.digits(record, model)
    if record["failure"]:
        st.warning(record["failure"], icon=":material/search_off:")
    else:
        _show_text(digits, number_record.signs(record))
        _say_what_is_left_out(record["left out"])
    if record["source"]:
        _show_boxes(way, record, digits)
    if digits:
        _show_corrections(way, record, digits, model)
    if record["refusal"]:
        st.warning(record["refusal"], icon=":material/info:")
    if record["stages"] is not None:
        number_stages.show(way, record)


def _show_text(digits: list[Corrected], signs: list[SignBox]) -> None:
    lines = corrections.lines(digits, signs)
    rows = "".join(
        f"<p><b>{html.escape(line.text)}</b> <span>{figures.percent(line.certainty)} sure</span></p>"
        for line in lines
    )
    many = " many" if len(lines) > 3 else ""
    st.html(f'{_STYLE}<div class="number-lines{many}" role="status" aria-live="polite">{rows}</div>')


def _say_what_is_left_out(count: int) -> None:
    if count:
        looks = "it looks" if count == 1 else "they look"
        st.caption(
            f"{words.counted(count, 'mark')} left out: {looks} like neither a digit nor a sign we know."
        )


def _show_boxes(way: str, record: dict[str, Any], digits: list[Corrected]) -> None:
    """The picture with a box around each digit and sign; a place is one among the digits, and behind them one among the signs."""
    signs = number_record.signs(record)
    named = dict(enumerate(_named(digits) + _named_signs(signs)))
    lines = [digit.found.line for digit in digits] + [sign.line for sign in signs]
    places = [place for place in named if place >= len(digits) or not digits[place].is_removed]
    places.sort(key=lambda place: (lines[place], named[place].box[1] + named[place].box[3]))
    chosen = record["chosen"] if record["chosen"] in places else None
    picked = boxes.choose(
        record["source"],
        record["size"],
        [named[place] for place in places],
        None if chosen is None else places.index(chosen),
        key=f"boxes of {way}",
        paper=layout.paper(),
        description="The picture of the number",
    )
    record["chosen"] = chosen if picked is None else places[picked]
    if picked is not None:
        record["refusal"] = ""


def _named(digits: list[Corrected]) -> list[NamedBox]:
    named, in_line = [], Counter[int]()
    for digit in digits:
        line = digit.found.line + 1
        in_line[line] += not digit.is_removed
        label = f"line {line}, digit {in_line[line]}: {_words(digit)}"
        colour = figures.CLASS_COLOURS[digit.digit]
        named.append(NamedBox(digit.found.box, str(digit.digit), label, colour, digit.confidence < _DOUBTFUL))
    return named


def _named_signs(signs: list[SignBox]) -> list[NamedBox]:
    named, in_line = [], Counter[int]()
    for sign in signs:
        in_line[sign.line] += 1
        label = f"line {sign.line + 1}, sign {in_line[sign.line]}: {sign.text}"
        named.append(NamedBox(sign.box, sign.text, label, NEUTRAL, False))
    return named


def _words(digit: Corrected) -> str:
    if digit.said is not None:
        return f"{digit.said}, as you said; read as {digit.found.digit}"
    return f"read as {digit.digit}, {figures.percent(digit.confidence)} sure"


def _show_corrections(way: str, record: dict[str, Any], digits: list[Corrected], model: str) -> None:
    chosen = record["chosen"]
    if chosen is not None and chosen >= len(digits):
        _show_chosen_sign(way, number_record.signs(record)[chosen - len(digits)])
        chosen = None
    elif chosen is None:
        st.caption("Something wrong? Choose a box to correct it. A dashed edge means less than 90% sure.")
    else:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            _show_chosen(digits[chosen])
            with st.container(width=400):
                _say_what_it_is(way, digits, chosen)
    with st.container(horizontal=True, gap="small"):
        if chosen is not None:
            _offer_changes(way, digits, chosen, model)
        st.button(
            "Undo the correction",
            icon=":material/undo:",
            on_click=number_record.undo,
            args=(way,),
            disabled=not record["before"],
            key=f"undo of {way}",
        )
    if chosen is not None and (said := digits[chosen].said) is not None:
        found = digits[chosen].found
        teach.offer(model, found.image, found.probabilities, said)


def _show_chosen_sign(way: str, sign: SignBox) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"Read as the sign **{words.plain(sign.text)}**. Is that wrong?")
        st.button(
            "Remove the sign",
            icon=":material/delete:",
            on_click=number_record.remove_sign,
            args=(way, sign),
            key=f"remove sign of {way}",
        )


def _show_chosen(digit: Corrected) -> None:
    seen = answers.picture(digit.found.image, 64, "The 28 by 28 pixels that the network sees")
    told = _words(digit)
    st.html(
        f'{_STYLE}<div class="chosen-digit">{seen}<p>{html.escape(told[0].upper() + told[1:])}</p></div>',
        width=250,
    )


def _say_what_it_is(way: str, digits: list[Corrected], chosen: int) -> None:
    def take(said: int) -> None:
        number_record.correct(way, lambda old: corrections.say(old, chosen, said), chosen)

    now = digits[chosen].digit
    tie = held.by(f"said of {way} {chosen} {len(digits)}", now, take)
    st.pills("It is a", range(10), default=now, wrap=True, **tie)


def _offer_changes(way: str, digits: list[Corrected], chosen: int, model: str) -> None:
    classifier = resources.classifier(model)
    changes = (
        ("Cut in two", ":material/content_cut:", partial(corrections.split, classifier=classifier), False),
        (
            "Join with the next",
            ":material/join_inner:",
            partial(corrections.merge, classifier=classifier),
            corrections.next_of_line(digits, chosen) is None,
        ),
        ("Remove", ":material/delete:", corrections.remove, False),
    )
    for label, icon, change, is_disabled in changes:
        st.button(
            label,
            icon=icon,
            on_click=number_record.correct,
            args=(
                way,
                lambda old, change=change: change(old, chosen),
                None if change is corrections.remove else chosen,
            ),
            disabled=is_disabled,
            key=f"{label} of {way}",
        )
