"""The picture of a network: its numbers are the network's own, and mistakes stand where they are."""

import base64
import re
from xml.etree import ElementTree

import pytest

from digit_core.figures import networks
from digit_core.recipes.architectures import (
    ARCHITECTURES,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    Layer,
    Pooling,
)


def tiles(drawn: str) -> list[str]:
    return re.findall(r"<li.*?</li>", drawn)


def pictures(drawn: str) -> list[ElementTree.Element]:
    addresses = re.findall(r"data:image/svg\+xml;base64,([^\"]+)", drawn)
    return [ElementTree.fromstring(base64.b64decode(address)) for address in addresses]


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_the_numbers_are_those_of_the_summary(name: str) -> None:
    digit, *blocks = networks.blocks(ARCHITECTURES[name].layers)
    assert (digit.shape, digit.parameters) == ((28, 28, 1), 0)
    summary = ARCHITECTURES[name].summary()
    assert [(block.name, block.shape, block.parameters) for block in blocks] == [
        (layer.name, layer.output_shape, layer.parameters) for layer in summary
    ]


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_all_of_them_can_be_read_in_the_picture(name: str) -> None:
    architecture = ARCHITECTURES[name]
    drawn = networks.draw(architecture.layers, architecture.title)
    assert f"<b>{architecture.title}</b> · {architecture.parameters:,} parameters" in drawn
    for tile, layer in zip(tiles(drawn)[1:], architecture.summary(), strict=True):
        assert networks.shape_words(layer.output_shape) in tile
        assert f">{layer.parameters:,} learnt<" in tile or layer.parameters == 0
        assert layer.parameters or "learnt" not in tile


def test_the_classic_network_as_worked_out_by_hand() -> None:
    drawn = tiles(networks.draw((Convolution(32), Pooling(), Flatten(), Dense(128), Dropout(0.2))))
    texts = [" ".join(re.sub(r"<[^>]+>", " ", tile).split()) for tile in drawn]
    assert texts[1] == "Convolution 32 filters of 3 × 3 26 × 26 × 32 320 learnt"
    assert texts[2] == "Pooling largest of each 2 × 2 13 × 13 × 32"
    assert texts[3] == "Flatten all numbers in one row 5,408 numbers"
    assert texts[4] == "Dense 128 neurons 128 numbers 692,352 learnt"
    assert texts[5] == "Dropout 20% silenced 128 numbers"
    assert texts[6] == "Answer 10 neurons 10 numbers 1,290 learnt"


def test_steps_and_edges_of_a_convolution_stand_in_its_block() -> None:
    step = networks.blocks((Convolution(8, padding="same", activation="elu", strides=2),))[1]
    assert (step.words, step.shape) == ("8 filters of 3 × 3, steps of 2, edges kept, elu", (14, 14, 8))


def test_sides_of_pictures_are_to_scale() -> None:
    _, first, second, *_ = pictures(networks.draw((Convolution(4), Pooling(), Flatten())))
    side = [int(picture[0].attrib["width"]) for picture in (first, second)]
    assert side == [52, 26]
    assert len(first) == 4  # one card a filter


@pytest.mark.parametrize(
    ("layers", "wrong"),
    [
        ((Convolution(8), Dense(5)), "dense_1"),  # no flatten between
        ((Flatten(), Convolution(8)), "convolution_1"),
        ((Pooling(20), Pooling(2)), "pooling_2"),
        ((Convolution(8),), "answer"),
        ((Flatten(), Dropout(2.0)), "dropout_1"),
    ],
)
def test_what_does_not_fit_is_marked_and_nothing_is_claimed_behind_it(
    layers: tuple[Layer, ...], wrong: str
) -> None:
    blocks = networks.blocks(layers)
    at = next(index for index, block in enumerate(blocks) if block.mistakes)
    assert blocks[at].name == wrong
    assert all(block.shape is None and block.parameters is None for block in blocks[at:])
    assert not any(block.mistakes for block in blocks[at + 1 :])
    drawn = networks.draw(layers)
    assert "does not fit" in tiles(drawn)[at]
    assert "parameters" not in drawn


def test_a_title_is_text_whatever_is_in_it() -> None:
    drawn = networks.draw((Flatten(),), "<img src=x>")
    assert "<img src=x>" not in drawn
    assert "&lt;img src=x&gt;" in drawn


@pytest.mark.parametrize(
    "layers", [(), (Flatten(),), (Flatten(), Dense(4_096), Dropout(0.5)), (Convolution(512),)]
)
def test_every_picture_is_sound_and_of_modest_size(layers: tuple[Layer, ...]) -> None:
    for picture in pictures(networks.draw(layers)):
        assert 0 < int(picture.attrib["width"]) <= 110
        assert 0 < int(picture.attrib["height"]) <= 110


def test_the_layer_that_is_being_changed_is_outlined() -> None:
    drawn = tiles(networks.draw(ARCHITECTURES["ann"].layers, chosen=1))
    assert [index for index, tile in enumerate(drawn) if "is-chosen" in tile] == [2]  # behind the digit
