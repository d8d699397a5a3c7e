"""A vote on a label in doubt: the digit, three answers to press, and what others said."""

import html

import numpy as np
import streamlit as st

from digit_core import figures
from digit_core.errors import StoreError
from digit_core.storage.store import DigitKey, Votes
from ui.frame import resources, state
from ui.panels import answers

_UNCLEAR_COLOUR = "color-mix(in srgb, currentColor 45%, transparent)"  # of no class
_STYLE = """<style>
[class*="st-key-cast-vote-"] button { min-height: 3.4rem; touch-action: manipulation; }
.votes { display: grid; grid-template-columns: max-content 1fr max-content; gap: .3rem .7rem; align-items: center;
         font-variant-numeric: tabular-nums; max-width: 34rem; }
.votes .track { background: color-mix(in srgb, currentColor 9%, transparent); border-radius: .3rem; height: 1.1rem; }
.votes .bar { height: 100%; border-radius: .3rem; }
.votes .is-mine { font-weight: 700; }
.doubt { display: flex; gap: 1rem; align-items: center; }
.doubt p { margin: 0; line-height: 1.5; flex: 1; max-width: 28rem; }
</style>"""


@st.fragment
def show(
    digit: DigitKey,
    given: int,
    suggested: int,
    image: np.ndarray,
    visitor: str | None,
    suggested_by: str = "People who looked again said",
) -> None:
    """Ask for one vote on a digit; pressing another answer changes it. A press reruns this panel alone.

    Args:
        digit: which one it is.
        given: its label.
        suggested: what somebody else says it is.
        image: float32 array of shape (28, 28), 0.0 to 1.0, ink is 1.0.
        visitor: whose vote it is, from `ui.components.visitor.identity`; None, before the browser has answered, cannot vote.
        suggested_by: the beginning of the sentence that ends with that digit.
    """
    name = f"{digit.split} digit {digit.number}"
    description = f"{name}, labelled {given}. {suggested_by} {suggested}"
    st.html(
        f'{_STYLE}<div class="doubt">{answers.picture(image, 112, description)}<p>'
        f"{html.escape(name.capitalize())} is labelled <b>{given}</b>. {html.escape(suggested_by)} "
        f"<b>{suggested}</b>. What do you see?</p></div>"
    )
    try:
        votes = resources.store().votes([digit], visitor)[digit]
    except StoreError as error:
        st.warning(str(error), icon=":material/error:")
        return
    labels = {
        "given": f"{given}, as labelled",
        "suggested": f"{suggested}, as suggested",
        "unclear": "Can't tell",
    }
    with st.container(horizontal=True, gap="small"):
        for choice, label in labels.items():
            _button(digit, choice, label, votes.mine, visitor)
    failed, sentence = st.session_state.pop(state.VOTE_FAILURE, (None, ""))
    if failed == str(digit):
        st.warning(sentence, icon=":material/error:")
    colours = (figures.CLASS_COLOURS[given], figures.CLASS_COLOURS[suggested], _UNCLEAR_COLOUR)
    st.html(_bars(votes, dict(zip(labels, (str(given), str(suggested), "can't tell"))), colours))


def _button(digit: DigitKey, choice: str, label: str, mine: str | None, visitor: str | None) -> None:
    st.button(
        label,
        key=f"cast vote {digit.set_name} {digit.split} {digit.number} {choice}",
        type="primary" if choice == mine else "secondary",
        icon=":material/check:" if choice == mine else None,
        on_click=_cast,
        args=(digit, choice, visitor),
        disabled=visitor is None,
        width="stretch",
    )


def _cast(digit: DigitKey, choice: str, visitor: str) -> None:
    try:
        resources.store().cast_vote(visitor, digit, choice)
    except StoreError as error:
        st.session_state[state.VOTE_FAILURE] = (str(digit), str(error))


def _bars(votes: Votes, labels: dict[str, str], colours: tuple[str, ...]) -> str:
    if votes.total == 0:
        return "<p>No votes yet: yours can be the first.</p>"
    rows = []
    for (choice, label), colour in zip(labels.items(), colours):
        count, is_mine = getattr(votes, choice), choice == votes.mine
        weight = "is-mine" if is_mine else ""
        rows.append(
            f'<span class="{weight}">{label}</span><span class="track">'
            f'<div class="bar" style="width:{count / votes.total:.1%};background:{colour}"></div></span>'
            f'<span class="{weight}">{count} {"vote" if count == 1 else "votes"}{" · yours" if is_mine else ""}</span>'
        )
    return f'<div class="votes" role="status" aria-label="The votes so far">{"".join(rows)}</div>'
