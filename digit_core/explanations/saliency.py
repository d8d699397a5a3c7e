"""Saliency, where a model looks: classifier in, arrays out."""

from dataclasses import dataclass

import cv2
import numpy as np

from digit_core.digits import CLASSES, SIDE, brief
from digit_core.inference.classifier import Classifier
from digit_core.preprocessing import images

# Pixels: the side of the square that covers, and from one place of it to the next.
PATCH, _STEP = 6, 2
# A probability: below it float32 has no digits left.
_MIN_PROBABILITY = 1e-30
# Of a layer's activations: a filter that varies less over the picture says nothing about places.
_FLAT = 1e-6


@dataclass(frozen=True, eq=False)
class ScoreCam:
    """Where the last convolution found what speaks for a digit, and what against.

    Attributes:
        digit: the one asked about, 0 to 9.
        layer: the name of the convolution.
        cells: rows and columns of places that it tells apart.
        filters: int64 array of shape (k,): its filters that find anything here, by their weight for the digit, the largest
            first.
        gains: float32 array of shape (k,): by how much the digit's log-odds rise above those of blank paper when only what
            this filter found is shown.
        weights: float32 array of shape (k,), 0.0 to 1.0, their sum is 1: each filter's say in `speaks_for`.
        maps: float32 array of shape (k, 28, 28), 0.0 to 1.0: where each filter found what it looks for.
        speaks_for: float32 array of shape (28, 28), 0.0 and above: the method's own map.
        balance: float32 array of shape (28, 28): what speaks for the digit less what speaks against it; above 0 it is
            more.
    """

    digit: int
    layer: str
    cells: tuple[int, int]
    filters: np.ndarray
    gains: np.ndarray
    weights: np.ndarray
    maps: np.ndarray
    speaks_for: np.ndarray
    balance: np.ndarray

    __repr__ = brief


def last_convolution(model: Classifier) -> str | None:
    """The name of the convolution that a Score-CAM is made of; None in a network of dense layers alone."""
    pictures = [name for name, shape in model.layer_shapes.items() if len(shape) == 3]
    convolutions = [name for name in pictures if "conv" in name.lower()]
    return next(reversed(convolutions or pictures), None)


def score_cam(model: Classifier, image: np.ndarray, digit: int | None = None) -> ScoreCam | None:
    """What of a digit the last convolution weighs for an answer.

    H. Wang et al., "Score-CAM: Score-Weighted Visual Explanations for Convolutional Neural Networks", CVPR workshops 2020,
    algorithm 1. Each filter's activations are enlarged to the picture and stretched to 0 to 1; what they leave of the picture is
    shown to the network; the activations are added up with the softmax of the scores as weights, and what is below 0
    is cut off.

    The score is the digit's log-odds, the logarithm of its probability over that of all others: probabilities themselves are
    nearly all 0 or 1 here, and would give every filter nearly the same weight. The log-odds against a digit are the same with
    the sign turned, so that the same sum says what speaks against it. Scores are taken in standard deviations over the
    filters: steep ones would leave nearly all say to a single filter.

    Args:
        model: any.
        image: array of shape (28, 28): float32, 0.0 to 1.0, ink is 1.0; or uint8, ink is 255.
        digit: the one to ask about; the model's answer if None.

    Returns:
        The maps; None where the network has no convolution.

    Raises:
        ValueError: an image or a digit of another form.
    """
    _check(image)
    layer = last_convolution(model)
    if layer is None:
        return None
    picture = _floats(image)
    activations = model.activations(picture)
    chosen = int(model.predict(picture[None])[0].argmax()) if digit is None else _digit(digit)
    found = _enlarged(activations[layer])  # (filters, 28, 28)
    numbers = np.flatnonzero(np.ptp(found, axis=(1, 2)) > _FLAT)
    found = found[numbers]
    maps = _stretched(found)
    shown = np.concatenate([np.zeros((1, SIDE, SIDE), np.float32), picture * maps])
    scores = _log_odds(model.predict(shown), chosen)
    gains = scores[1:] - scores[0]
    scale = max(float(gains.std()), _MIN_PROBABILITY) if len(gains) else 1.0
    weights = _softmax(gains / scale)
    balance = np.tensordot(weights - _softmax(-gains / scale), found, axes=1)
    order = np.argsort(-weights, kind="stable")
    return ScoreCam(
        digit=chosen,
        layer=layer,
        cells=activations[layer].shape[:2],
        filters=numbers[order],
        gains=gains[order],
        weights=weights[order],
        maps=maps[order],
        speaks_for=np.maximum(np.tensordot(weights, found, axes=1), 0).astype(np.float32),
        balance=balance.astype(np.float32),
    )


def layer_activations(model: Classifier, image: np.ndarray) -> dict[str, np.ndarray]:
    """The activations of each layer for a digit, without the layers that only pass on what they get.

    Args:
        model: any.
        image: array of shape (28, 28), as in `score_cam`.

    Returns:
        Layer name to float32 array, in the network's order: (height, width, filters) or (units,).
    """
    _check(image)
    kept: dict[str, np.ndarray] = {}
    last = _floats(image)
    for name, found in model.activations(image).items():
        # Dropout and flatten change no number.
        if not np.array_equal(found.ravel(), last.ravel()):
            kept[name] = found
        last = found
    return kept


def occlusion(model: Classifier, image: np.ndarray, digit: int | None = None) -> np.ndarray:
    """How much the probability of a digit drops when a patch of blank paper, 6 x 6 pixels, covers a place.

    M. Zeiler and R. Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014.

    Args:
        model: any.
        image: array of shape (28, 28): float32, 0.0 to 1.0, ink is 1.0; or uint8, ink is 255.
        digit: whose probability; the model's answer if None.

    Returns:
        float32 array of shape (28, 28), -1.0 to 1.0: the mean drop over all squares that cover a pixel. Above 0:
        what is there speaks for the digit; below 0: against it.

    Raises:
        ValueError: an image or a digit of another form.
    """
    _check(image)
    picture = _floats(image)
    whole = model.predict(picture[None])[0]
    chosen = int(whole.argmax()) if digit is None else _digit(digit)
    is_covered = _squares()
    covered = np.where(is_covered, np.float32(0), picture)  # (squares, 28, 28)
    drops = whole[chosen] - model.predict(covered)[:, chosen]
    return np.tensordot(drops, is_covered, axes=1) / is_covered.sum(axis=0, dtype=np.float32)


def _floats(image: np.ndarray) -> np.ndarray:
    return images.from_dataset(image) if image.dtype == np.uint8 else image


def _squares() -> np.ndarray:
    """Which pixels each square covers: bool (squares, 28, 28)."""
    starts, axis = np.arange(0, SIDE - PATCH + 1, _STEP), np.arange(SIDE)
    spans = (axis >= starts[:, None]) & (axis < starts[:, None] + PATCH)  # (starts, 28)
    return (spans[:, None, :, None] & spans[None, :, None, :]).reshape(-1, SIDE, SIDE)


def _check(image: np.ndarray) -> None:
    if image.shape != (SIDE, SIDE):
        raise ValueError(f"A digit to explain is an array of shape (28, 28), not {image.shape}.")


def _digit(digit: int) -> int:
    if digit not in range(CLASSES):
        raise ValueError(f"A digit is a whole number from 0 to 9, not {digit}.")
    return digit


def _enlarged(activations: np.ndarray) -> np.ndarray:
    """The activations of a layer's filters as large as the picture: (height, width, k) to (k, 28, 28)."""
    return np.stack(
        [
            cv2.resize(np.ascontiguousarray(one), (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
            for one in np.moveaxis(activations, 2, 0)
        ]
    )


def _stretched(found: np.ndarray) -> np.ndarray:
    """Each of (k, 28, 28) from 0 at its lowest to 1 at its highest."""
    low, high = found.min(axis=(1, 2), keepdims=True), found.max(axis=(1, 2), keepdims=True)
    return np.clip((found - low) / (high - low), 0, 1)


def _log_odds(probabilities: np.ndarray, digit: int) -> np.ndarray:
    """float32 (n,) of probabilities (n, 10). The others are added up, for 1 less a probability near 1 has no digits left."""
    others = np.delete(probabilities, digit, axis=1).sum(axis=1)
    return np.log(np.maximum(probabilities[:, digit], _MIN_PROBABILITY)) - np.log(
        np.maximum(others, _MIN_PROBABILITY)
    )


def _softmax(scores: np.ndarray) -> np.ndarray:
    if not len(scores):
        return scores
    powers = np.exp(scores - scores.max())
    return powers / powers.sum()
