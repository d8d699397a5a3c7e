"""Answers and digits as small pieces of HTML: they arrive with the stroke, where a chart would be built anew each time."""

import html
from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from digit_core import figures
from digit_core.inference.rejection import NO_DIGIT, NOT_SURE, Judgement, article
from digit_core.metrics.classification import Share
from ui.frame import data_url, layout

WIDTH, NARROW_WIDTH = 310, 215  # pixels that an answer and a verdict take beside a canvas


def picture(image: np.ndarray, side: int, description: str) -> str:
    """A digit as HTML, pixel by pixel in the theme's ink.

    Args:
        image: float32 array of shape (28, 28), 0.0 to 1.0, ink is 1.0.
        side: of the picture, in pixels of the page.
        description: the text for those who do not see it.
    """
    return (
        f'<img class="seen pixels" width="{side}" height="{side}" alt="{html.escape(description)}" '
        f'src="{data_url.of(figures.digit_png(image, layout.ink()))}">'
    )


def _bars(probabilities: np.ndarray) -> str:
    rows = []
    for digit, share in enumerate(probabilities):
        weight = "is-answer" if digit == probabilities.argmax() else ""
        rows.append(
            f'<span class="{weight}">{digit}</span>'
            f'<span class="track"><div class="bar" style="width:{share:.1%};'
            f'background:{figures.CLASS_COLOURS[digit]}"></div></span>'
            f'<span class="share {weight}">{figures.percent(float(share))}</span>'
        )
    return f'<div class="bars" aria-label="How likely each digit is">{"".join(rows)}</div>'


def answer(image: np.ndarray, probabilities: np.ndarray) -> None:
    """What a model reads: the digit, how sure it is, its second guess, what it saw, and a bar for each digit.

    Args:
        image: float32 array of shape (28, 28), 0.0 to 1.0, ink is 1.0.
        probabilities: float32 array of shape (10,).
    """
    second, first = (int(digit) for digit in probabilities.argsort()[-2:])
    words = (
        f'<span class="sure">{figures.percent(float(probabilities[first]))} sure</span><br>'
        f"second guess: {second}<br>with {figures.percent(float(probabilities[second]))}"
    )
    _reading(image, probabilities, str(first), words)


def judged(image: np.ndarray, judgement: Judgement) -> None:
    """As `answer`, with the right to refuse: "I'm not sure", or "this doesn't look like a digit"; below it, what it
    would have said.

    Args:
        image: float32 array of shape (28, 28), 0.0 to 1.0, ink is 1.0.
        judgement: what `Classifier.judge` says of it.
    """
    shares = judgement.probabilities
    first, second = (
        f"{article(digit)} {digit} ({figures.percent(float(shares[digit]))})"
        for digit in (judgement.digit, judgement.second)
    )
    if judgement.verdict == NO_DIGIT:
        words = f'<span class="refusal">This doesn\'t look like a digit.</span><br>If it must be one: {first}'
        _reading(image, shares, "?", words, "is-refused")
    elif judgement.verdict == NOT_SURE:
        words = f'<span class="refusal">I\'m not sure:</span><br>{first},<br>perhaps {second}'
        _reading(image, shares, f"{judgement.digit}?", words, "is-unsure")
    else:
        answer(image, shares)


def _reading(image: np.ndarray, probabilities: np.ndarray, mark: str, words: str, kind: str = "") -> None:
    """The digit or what stands in its place, words beside it (HTML), what the network saw, and the bars."""
    colour = figures.CLASS_COLOURS[probabilities.argmax()] if mark != "?" else "currentColor"
    st.html(
        f'<div class="{f"reading {kind}".strip()}" role="status" aria-live="polite">'
        f'<span class="digit in-colour" style="--colour:{colour}">{mark}</span><span class="words">{words}</span>'
        f"<figure>{picture(image, 84, 'The 28 by 28 pixels that the network sees')}"
        f'<figcaption>what it sees</figcaption></figure></div><div class="{kind}">{_bars(probabilities)}</div>'
    )


def verdict(image: np.ndarray, probabilities: np.ndarray, label: int) -> None:
    """A labelled digit with what a model reads: "AI guess 4 | actual 9", right or wrong.

    Args:
        image: float32 array of shape (28, 28), 0.0 to 1.0, ink is 1.0.
        probabilities: float32 array of shape (10,).
        label: what the digit is.
    """
    guess = int(probabilities.argmax())
    word, colour = ("✓ right", "#2f8f5b") if guess == label else ("✗ wrong", "#c9485b")
    st.html(
        f"{picture(image, 168, f'A test digit, labelled {label}')}"
        f'<p class="verdict"><span>AI guess <b>{guess}</b> | actual <b>{label}</b></span> '
        f'<span class="mark in-colour" style="--colour:{colour}">{word}</span><br>'
        f"{figures.percent(float(probabilities[guess]))} sure</p>"
    )


def digit_row(images: np.ndarray, description: str) -> None:
    """Digits side by side, each in the colour of its class when there are ten of them, 0 to 9.

    Args:
        images: float32 array of shape (10, 28, 28), 0.0 to 1.0: one of each class, in order.
        description: the text for those who do not see them.
    """
    tiles = "".join(
        f'<img class="pixels" style="width:9.4%;max-width:84px" alt="" '
        f'src="{data_url.of(figures.digit_png(image, colour))}">'
        for image, colour in zip(images, figures.CLASS_COLOURS, strict=True)
    )
    st.html(f'<div role="img" aria-label="{html.escape(description)}">{tiles}</div>')


def model_card(card: dict[str, Any]) -> str:
    """What a model is, how well it reads, and how large it is, as HTML.

    Args:
        card: of a shipped model.
    """
    figure, architecture = card["figures"]["test"], card["architecture"]
    return (
        f'<article class="model"><h3>{html.escape(architecture["title"])}</h3>'
        f'<p class="figure">{figure["value"]:.2%}</p>'
        f"<p>of the test digits read correctly: {figure['n'] - figure['count']:,} of {figure['n']:,} misread</p>"
        f"<p>{html.escape(architecture['description'])}</p>"
        f'<p class="small">{card["parameters"]:,} parameters · trained in '
        f"{max(1, round(card['training_seconds'] / 60))} min on two cores</p></article>"
    )


def sprite(png: bytes, width: int, description: str) -> None:
    """A picture of digits, each pixel a square.

    Args:
        png: as `figures.sprite_png` makes it.
        width: on the screen, in pixels; less where the screen is narrower.
        description: the text for those who do not see it.
    """
    st.html(
        f'<img class="pixels" style="width:{width}px;max-width:100%" alt="{html.escape(description)}" '
        f'src="{data_url.of(png)}">'
    )


def captioned(images: np.ndarray, captions: list[str], descriptions: list[str]) -> None:
    """A few digits side by side, each with a word below it.

    Args:
        images: float32 array of shape (n, 28, 28), 0.0 to 1.0, ink is 1.0.
        captions: n words for those who see them.
        descriptions: n texts for those who do not.
    """
    tiles = "".join(
        f"<figure>{picture(image, 64, description)}<figcaption>{html.escape(caption)}</figcaption></figure>"
        for image, caption, description in zip(images, captions, descriptions, strict=True)
    )
    st.html(f'<div class="captioned">{tiles}</div>')


def pixel_table(image: np.ndarray) -> None:
    """A digit with its number on each pixel.

    Args:
        image: array of shape (28, 28): uint8, 0 to 255, or float32, 0.0 to 1.0; ink is the highest.
    """
    is_raw = image.dtype == np.uint8
    shades = image / np.float32(255) if is_raw else image
    rows = []
    for values, inks in zip(image, shades, strict=True):
        cells = "".join(
            f'<td class="on-colour" style="--ink:{ink:.0%}">{value if is_raw else f"{value:.2g}"}</td>'
            for value, ink in zip(values, inks, strict=True)
        )
        rows.append(f"<tr>{cells}</tr>")
    colours = f"--of-ink:{layout.ink()};--of-paper:{layout.paper()}"
    st.html(
        f'<div class="pixel-table" tabindex="0" style="{colours}"><table aria-label="The pixels\' numbers">'
        f"{''.join(rows)}</table></div>"
    )


def shares(title: str, found: Mapping[str, Share]) -> str:
    """Accuracies side by side as HTML, each with its number of digits and its 95% interval.

    Args:
        title: what all of them are of.
        found: what the digits are called, and the share of them that is read right.
    """
    tiles = "".join(
        f"<div><dt>{html.escape(name)}</dt><dd>{one_share(share)}</dd></div>" for name, share in found.items()
    )
    return f'<p class="shares-title">{html.escape(title)}</p><dl class="shares">{tiles}</dl>'


def one_share(share: Share) -> str:
    """An accuracy as HTML: "85%", how many of how many, and its 95% interval; no more figures than so many digits give."""
    places = 0 if share.n < 100 else 1 if share.n < 2_000 else 2
    low, high = (f"{end:.{places}%}" for end in (share.low, share.high))
    return (
        f"<b>{share.value:.{places}%}</b> <span>{share.count:,} of {share.n:,}; with others of this kind it might be "
        f"{low} to {high}</span>"
    )
