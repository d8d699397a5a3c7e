"""The Explore page: every view opens, and what it shows is what NumPy finds in the arrays."""

import base64
import io
import json
import re
from collections.abc import Callable, Mapping
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from digit_core import augmentation, settings
from digit_core.augmentation.policies import LIMITS, POLICIES, Distortion
from digit_core.datasets import nearest
from digit_core.datasets.catalogue import Catalogue
from digit_core.datasets.mnist import Mnist
from digit_core.inference import model_files
from digit_core.recipes import aliases
from tests.app_pages import component, components, html_of, open_file, press, run, widget
from ui.panels import distortions

HOME, EXPLORE = settings.PROJECT_FOLDER / "Home.py", settings.PROJECT_FOLDER / "pages" / "1_Explore.py"
VIEWS = ("Browse", "The whole set", "Map", "Labels in doubt", "Distort")
SETS = {"mnist": "MNIST", "sklearn-digits": "scikit-learn"}  # the address has the words of the select box
ANN = "ann"
WRONG_FOURS = {"model": ANN, "labelled": "4", "read": "9", "verdict": "wrong"}


def open_explore(**address: str | list[str]) -> AppTest:
    """The page by a link, with nothing pressed yet."""
    return open_file(EXPLORE, **address)


def text_of(page: AppTest) -> str:
    return "\n".join(element.value for element in page.markdown)


def count(page: AppTest) -> int:
    """How many digits the page says it found."""
    (found,) = re.findall(r"\*\*([\d,]+)\*\* of [\d,]+ digits", text_of(page))
    return int(found.replace(",", ""))


def grid(page: AppTest) -> dict[str, list]:
    """What the grid in the browser is given."""
    return component(page, "digit_grid")


def tiles(page: AppTest) -> list[str]:
    return grid(page)["labels"]


def png_of(page: AppTest, description: str) -> np.ndarray:
    """The ink of the one picture whose text equivalent begins so, uint8 (height, width)."""
    (encoded,) = re.findall(rf'alt="{description}[^"]*"[^>]*base64,([^"]+)"', html_of(page))
    return ink_of(encoded)


def ink_of(encoded: str) -> np.ndarray:
    """How opaque each pixel of a PNG in Base64 is, uint8 (height, width)."""
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(encoded))).convert("RGBA"))[..., 3]


@pytest.fixture(scope="module")
def labels(mnist: Mnist) -> np.ndarray:
    return np.concatenate([mnist.train.labels, mnist.validation.labels, mnist.test.labels])


@pytest.fixture(scope="module")
def answers() -> Callable[[str], np.ndarray]:
    """`answers(model)`: its 70,000 x 10 probabilities, as they lie in its file."""

    def read(model: str) -> np.ndarray:
        with np.load(model_files.find(model) / model_files.ANSWERS_FILE) as file:
            return np.concatenate([file["train"], file["validation"], file["test"]])

    return read


def in_words(rows: np.ndarray, labels: np.ndarray, readings: np.ndarray) -> list[str]:
    """What the tiles of these rows of MNIST are called."""
    starts = {"test": 60_000, "validation": 55_000, "train": 0}
    words = []
    for row in rows:
        split, start = next((split, start) for split, start in starts.items() if row >= start)
        words.append(f"{split} {row - start}: labelled {labels[row]}, read as {readings[row]}")
    return words


@pytest.mark.parametrize("model", [None, ANN])
@pytest.mark.parametrize("chosen", SETS)
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_opens_for_every_set_and_model(view: str, chosen: str, model: str | None) -> None:
    link = {"view": view, "set": SETS[chosen]} | ({"model": model} if model else {})
    page = open_explore(**link)
    assert page.title[0].value == "Explore"
    assert widget(page.button_group, "view").value == view
    assert widget(page.selectbox, "set").value == chosen
    assert widget(page.selectbox, "model").value == (model or model_files.default_name())
    assert not page.error
    assert not page.warning


def test_all_70_000_are_there_a_hundred_at_a_time(
    labels: np.ndarray, answers: Callable[[str], np.ndarray]
) -> None:
    page = open_explore(model=ANN)
    assert count(page) == 70_000
    assert widget(page.pagination, "page").num_pages == 700
    readings = answers(ANN).argmax(axis=1)
    assert tiles(page) == in_words(np.arange(100), labels, readings)
    widget(page.pagination, "page").set_value(700)
    assert tiles(run(page)) == in_words(np.arange(69_900, 70_000), labels, readings)
    widget(page.pagination, "page").set_value(2)
    assert tiles(run(page)) == in_words(np.arange(100, 200), labels, readings)


def test_the_tiles_show_the_digits_that_they_are_called(mnist: Mnist) -> None:
    page = open_explore(page="601")
    sprite = ink_of(grid(page)["sprite"])
    side = sprite.shape[0] // 10
    for tile in (0, 7, 99):
        top, left = tile // 10 * side, tile % 10 * side
        assert tiles(page)[tile].startswith(f"test {tile}:")
        np.testing.assert_array_equal(
            sprite[top : top + 28, left : left + 28], mnist.test.images[tile], strict=True
        )


def test_a_link_shows_the_wrong_fours_that_were_read_as_nines(
    labels: np.ndarray, answers: Callable[[str], np.ndarray]
) -> None:
    page = open_explore(**WRONG_FOURS)
    readings = answers(ANN).argmax(axis=1)
    expected = np.flatnonzero((labels == 4) & (readings == 9))
    assert 0 < len(expected) <= 100
    assert count(page) == len(expected)
    assert tiles(page) == in_words(expected, labels, readings)
    assert all(grid(page)["marks"])


def test_a_phone_says_how_many_filters_are_folded_away() -> None:
    label = lambda page: widget(page.toggle, "browse unfolded").label  # noqa: E731
    assert label(open_explore()) == "Show filters and order"
    page = open_explore(**WRONG_FOURS)
    assert label(page) == "Show filters and order (3 set)"
    assert "browse-filters { display: none" in html_of(page)
    widget(page.toggle, "browse unfolded").set_value(True)
    assert "browse-filters { display: none" not in html_of(run(page))


def test_pressing_the_filters_finds_the_same(
    labels: np.ndarray, answers: Callable[[str], np.ndarray]
) -> None:
    page = open_explore(model=ANN)
    for key, value in (("labelled", [4]), ("read", [9]), ("verdict", "wrong")):
        widget(page.button_group, key).set_value(value)
        run(page)
    assert tiles(page) == tiles(open_explore(**WRONG_FOURS))
    assert "A red edge" in " ".join(element.value for element in page.caption)
    widget(page.button_group, "verdict").set_value("right")
    run(page)
    assert not components(page, "digit_grid")
    assert "Remove a filter" in page.info[0].value
    widget(page.button_group, "read").set_value([])
    run(page)
    assert "red edge" not in " ".join(element.value for element in page.caption)
    readings = answers(ANN).argmax(axis=1)
    assert count(page) == int(((labels == 4) & (readings == 4)).sum())


@pytest.mark.parametrize("model", [ANN, "cnn"])
def test_all_filters_combine(
    model: str, digits70k: Catalogue, labels: np.ndarray, answers: Callable[[str], np.ndarray]
) -> None:
    page = open_explore(
        model=model,
        labelled=["3", "5", "8"],
        verdict="wrong",
        split=["train", "test"],
        sure=["30", "90"],
        ink=["10", "60"],
        slant=["-10", "30"],
    )
    probabilities = answers(model)
    readings, sure = probabilities.argmax(axis=1), probabilities.max(axis=1)
    thinnest, boldest = np.percentile(digits70k.ink, [10, 60])
    rows = np.arange(70_000)
    expected = np.flatnonzero(
        np.isin(labels, [3, 5, 8])
        & (readings != labels)
        & ((rows < 55_000) | (rows >= 60_000))
        & (sure >= 0.3)
        & (sure <= 0.9)
        & (digits70k.ink >= thinnest)
        & (digits70k.ink <= boldest)
        & (digits70k.slant >= -10)
        & (digits70k.slant <= 30)
    )
    assert len(expected)
    assert count(page) == len(expected)
    assert tiles(page) == in_words(expected[:100], labels, readings)


def test_a_range_can_be_written_backwards() -> None:
    assert tiles(open_explore(ink=["60", "10"])) == tiles(open_explore(ink=["10", "60"]))


def test_the_labels_in_doubt_are_the_fifteen() -> None:
    page = open_explore(doubt="true")
    assert count(page) == 15
    assert [tile.split(":")[0] for tile in tiles(page)][:3] == ["test 947", "test 1621", "test 1901"]


@pytest.mark.parametrize("sort", ["typical", "odd", "hardest"])
def test_sorted_as_numpy_sorts(
    sort: str, digits70k: Catalogue, labels: np.ndarray, answers: Callable[[str], np.ndarray]
) -> None:
    page = open_explore(model=ANN, labelled="2")
    widget(page.selectbox, "sort").set_value(sort)
    run(page)
    rows, probabilities = np.flatnonzero(labels == 2), answers(ANN)
    loss_order = probabilities[rows, 2]  # the highest loss is the lowest probability of the true digit
    values = {
        "typical": digits70k.atypicality[rows],
        "odd": -digits70k.atypicality[rows],
        "hardest": loss_order,
    }[sort]
    expected = rows[np.argsort(values, kind="stable")]
    assert tiles(page) == in_words(expected[:100], labels, probabilities.argmax(axis=1))
    widget(page.pagination, "page").set_value(3)
    assert tiles(run(page)) == in_words(expected[200:300], labels, probabilities.argmax(axis=1))


def test_a_shuffle_is_repeated_by_its_number_and_no_other() -> None:
    def shuffled(seed: int) -> list[str]:
        page = open_explore(labelled="2")
        widget(page.selectbox, "sort").set_value("random")
        widget(run(page).number_input, "seed").set_value(seed)
        return tiles(run(page))

    first = shuffled(1)
    assert all("labelled 2" in tile for tile in first)
    assert first == shuffled(1)
    assert first != shuffled(2)


def test_another_choice_starts_at_its_first_page() -> None:
    page = open_explore(page="9")
    assert widget(page.pagination, "page").value == 9
    widget(page.button_group, "labelled").set_value([7])
    run(page)
    assert widget(page.pagination, "page").value == 1
    assert all("labelled 7" in tile for tile in tiles(page))


def test_fewer_pages_than_the_address_asks_for_is_the_first_page() -> None:
    page = open_explore(**WRONG_FOURS, page="500")
    assert widget(page.pagination, "page").value == 1
    assert len(tiles(page)) == count(page)


def test_an_impossible_choice_is_a_sentence() -> None:
    page = open_explore(labelled="4", read="9", verdict="right")
    assert "No digits match" in page.info[0].value
    assert not components(page, "digit_grid")


def test_go_to_a_digit_by_its_number() -> None:
    page = open_explore()
    next(box for box in page.selectbox if "Go to" in box.label).set_value("validation")
    run(page)
    next(box for box in page.number_input if "number" in box.label).set_value(4_999)
    press(page, "Go")
    assert page.query_params["digit"] in ("validation-4999", ["validation-4999"])
    assert "Validation 4999, labelled" in text_of(page)


def test_the_chosen_digit_is_outlined_where_it_is_shown() -> None:
    assert grid(open_explore(digit="train-42"))["chosen"] == 42
    assert grid(open_explore(digit="train-142"))["chosen"] is None
    assert grid(open_explore(digit="train-142", page="2"))["chosen"] == 42


@pytest.mark.parametrize(
    "address",
    [
        {"digit": "foo-9"},
        {"digit": "test-999999"},
        {"digit": "test-10000"},
        {"digit": "test--1"},
        {"digit": "test-²"},
        {"digit": "-"},
        {"digit": "test-947", "set": "scikit-learn"},
        {"page": "99999"},
        {"page": "0"},
        {"page": "-1"},
        {"page": "1e9"},
        {"labelled": "77"},
        {"labelled": ["4", "4", "x"]},
        {"read": "-1"},
        {"verdict": "maybe"},
        {"sort": "x"},
        {"split": "x"},
        {"split": "test", "set": "scikit-learn"},
        {"sure": ["90", "10"]},
        {"sure": "nan"},
        {"sure": "50"},
        {"sure": ["1", "2", "3"]},
        {"ink": ["-5", "900"]},
        {"slant": ["a", "b"]},
        {"slant": ["30", "-30"]},
        {"ink": ["60", "10"]},
        {"doubt": "perhaps"},
        {"sort": "Random", "seed": "-4"},
        {"sort": "Random", "seed": "9" * 40},
        {"view": "x"},
        {"set": "x"},
        {"model": "../ann"},
        {"part": "x"},
        {"normalised": "x"},
        {"view": "Map", "method": "x"},
        {"view": "Distort", "distorted": "99999999", "rotation": "1e400", "noise": "nan"},
        {"view": "Distort", "distorted": "60000", "set": "scikit-learn"},
    ],
    ids=str,
)
def test_nonsense_in_the_address_never_raises(address: Mapping[str, str | list[str]]) -> None:
    page = open_explore(**address)
    assert page.title[0].value == "Explore"
    assert not page.error


def test_another_set_is_shown_though_the_address_was_for_the_first() -> None:
    """Changing the set keeps what fits it and drops the rest."""
    page = open_explore(digit="test-947", split="test", page="50", view="Browse")
    widget(page.selectbox, "set").set_value("sklearn-digits")
    run(page)
    assert count(page) == 1_797
    assert tiles(page)[0].startswith("digit 0: labelled 0")
    assert "Digit 0, labelled 0" in text_of(page)


def test_the_answer_to_the_chosen_digit_is_the_models(answers: Callable[[str], np.ndarray]) -> None:
    probabilities = answers(ANN)[60_000 + 247]
    text = html_of(open_explore(model=ANN, digit="test-247"))
    (digit,) = re.findall(r'class="digit[^>]*>(\d)<', text)
    assert int(digit) == probabilities.argmax()
    shares = [float(share.rstrip("%")) for share in re.findall(r'class="bar" style="width:([^;]+);', text)]
    np.testing.assert_allclose(shares, 100 * probabilities, atol=0.051)


def test_the_picture_of_the_chosen_digit_is_the_digit(mnist: Mnist) -> None:
    shown = png_of(open_explore(digit="test-247"), "The 28 by 28 pixels")
    np.testing.assert_array_equal(shown, mnist.test.images[247])


def test_the_numbers_are_the_pixels_as_stored_and_between_0_and_1(mnist: Mnist) -> None:
    def numbers(page: AppTest) -> np.ndarray:
        cells = re.findall(r"<td[^>]*>([^<]*)</td>", html_of(page))
        return np.array([float(cell) for cell in cells]).reshape(28, 28)

    page = open_explore(digit="test-947", part="Numbers")
    np.testing.assert_array_equal(numbers(page), mnist.test.images[947])
    widget(page.toggle, "normalised").set_value(True)
    np.testing.assert_allclose(numbers(run(page)), mnist.test.images[947] / 255, atol=0.0051)
    assert numbers(page).max() <= 1
    np.testing.assert_array_equal(
        numbers(open_explore(digit="test-947", part="Numbers", normalised="true")), numbers(page)
    )


def test_the_shapes_and_the_one_hot_label(mnist: Mnist) -> None:
    text = text_of(open_explore(digit="test-947", part="Shapes"))
    for shape in ("(28, 28)", "(28, 28, 1)", "(1, 28, 28, 1)", "(784,)"):
        assert f"`{shape}`" in text
    assert mnist.test.labels[947] == 8
    assert "`[0, 0, 0, 0, 0, 0, 0, 0, 1, 0]`" in text
    text = text_of(open_explore(digit="test-0", part="Shapes"))
    assert mnist.test.labels[0] == 7
    assert "`[0, 0, 0, 0, 0, 0, 0, 1, 0, 0]`" in text


def test_the_histogram_counts_the_pixels(mnist: Mnist) -> None:
    page = open_explore(digit="test-947", part="Histogram")
    image = mnist.test.images[947]
    caption = " ".join(element.value for element in page.caption)
    assert f"{(image == 0).sum()} of 784" in caption
    assert f"{(image >= 250).sum()} are full ink" in caption
    assert page.get("plotly_chart")


@pytest.mark.parametrize(("split", "number"), [("test", 947), ("train", 7)])
def test_the_neighbours_are_the_nearest_training_digits(split: str, number: int, mnist: Mnist) -> None:
    image = getattr(mnist, split).images[number]
    own = number if split == "train" else None
    rows, distances = nearest.nearest(image, mnist.train.images, 8, own)
    expected = [
        f"train {row}, labelled {mnist.train.labels[row]}, distance {distance:.0f}"
        for row, distance in zip(rows, distances, strict=True)
    ]
    text = html_of(open_explore(digit=f"{split}-{number}", part="Neighbours"))
    assert re.findall(r'alt="(train \d+, labelled[^"]+)"', text) == expected


@pytest.mark.parametrize(("model", "number"), [(ANN, 8), ("cnn", 947), ("cnn", 3)])
def test_a_digit_on_the_canvas_is_read_as_it_was(
    model: str, number: int, mnist: Mnist, answers: Callable[[str], np.ndarray]
) -> None:
    page = run(AppTest.from_file(str(HOME), default_timeout=60)).switch_page("pages/1_Explore.py")
    page.query_params["model"], page.query_params["digit"] = model, f"test-{number}"
    page.query_params["part"] = (
        "Shapes"  # what a widget holds in the address must not keep anybody on the page
    )
    press(run(page), "Open on the canvas")
    assert page.title[0].value == "Draw"
    digit = mnist.test.images[number]
    # The canvas is preprocessed as a drawing, which takes the faintest ink for dirt.
    np.testing.assert_array_equal(png_of(page, "The 28 by 28 pixels"), np.where(digit > 25, digit, 0))
    reading = re.findall(r'class="digit[^>]*>(\d)\??<', html_of(page))  # with a "?" where it is not sure
    assert reading == [str(answers(model)[60_000 + number].argmax())]


def test_the_whole_set_is_counted(labels: np.ndarray) -> None:
    page = open_explore(view="The whole set")
    table = page.dataframe[0].value
    assert table["split"].tolist() == ["train", "validation", "test"]
    parts = np.split(labels, [55_000, 60_000])
    expected = [np.bincount(part, minlength=10) for part in parts]
    np.testing.assert_array_equal(table[[str(digit) for digit in range(10)]].to_numpy(), expected)
    assert "| test | `(10000, 28, 28)` | uint8 | 0 to 255 |" in text_of(page)


def test_there_is_a_map_of_the_pixels_and_one_of_the_model() -> None:
    page = open_explore(view="Map", model=ANN)
    told = re.findall(r"\*\*A map of ([^*]+)\*\*: for ([\d.]+)%, the nearest", text_of(page))
    assert [words for words, _ in told] == ["the pixels", "the network's last hidden layer"]
    assert float(told[1][1]) > float(told[0][1]) > 50
    assert "Nothing is selected yet" in page.info[0].value
    plots = [json.loads(chart.proto.spec) for chart in page.get("plotly_chart")]
    widget(page.button_group, "method").set_value("pca")
    assert [json.loads(chart.proto.spec) for chart in run(page).get("plotly_chart")] != plots


def test_a_selection_on_the_map_is_shown_in_the_grid(mnist: Mnist) -> None:
    page = open_explore(view="Map", model=ANN)
    chart = page.get("plotly_chart")[0]
    key = chart.proto.id.split("-", 2)[2]
    point = {"curve_number": 4, "point_index": 1}  # the second of the test digits that are labelled 4
    page.session_state[key] = {"selection": {"points": [point], "point_indices": [1], "box": [], "lasso": []}}
    run(page)
    number = int(np.flatnonzero(mnist.test.labels == 4)[1])
    assert tiles(page)[0].startswith(f"test {number}: labelled 4")
    assert len(tiles(page)) == 1


def test_the_labels_in_doubt_are_shown_with_a_vote_on_each() -> None:
    page = open_explore(view="Labels in doubt")
    text = html_of(page)
    assert len(re.findall(r"Test digit \d+ is labelled", text)) == 15
    assert "Test digit 947 is labelled <b>8</b>" in text
    assert sum(button.label == "Can't tell" for button in page.button) == 15


def distorted(page: AppTest) -> np.ndarray:
    """The sixteen samples as uint8 (16, 28, 28)."""
    sheet = png_of(page, "Sixteen distortions")
    side = sheet.shape[0] // 4
    scale = side // 28
    tiles = [sheet[y * side : (y + 1) * side, x * side : (x + 1) * side] for y in range(4) for x in range(4)]
    return np.stack([tile[: 28 * scale : scale, : 28 * scale : scale] for tile in tiles])


AMOUNTS = tuple(LIMITS)


def test_each_slider_changes_the_samples_and_the_same_place_repeats_them() -> None:
    page = open_explore(view="Distort", distorted="1")  # a 0: it can be written otherwise
    before = distorted(page)
    for amount in AMOUNTS:
        slider = widget(page.slider, amount)
        value, end = slider.value, slider.max
        assert 0 <= value < end
        slider.set_value(end)
        assert not np.array_equal(distorted(run(page)), before), amount
        widget(page.slider, amount).set_value(value)
        np.testing.assert_array_equal(distorted(run(page)), before, err_msg=amount)


def test_the_samples_are_what_training_would_see(mnist: Mnist) -> None:
    page = open_explore(view="Distort", distorted="7", rotation="20", noise="0.1", elastic="0")
    amounts = {amount: widget(page.slider, amount).value for amount in AMOUNTS}
    assert (amounts["rotation"], amounts["noise"], amounts["elastic"]) == (20, 0.1, 0)
    sixteen = np.repeat(mnist.train.images[7:8], 16, axis=0)
    labels = np.repeat(mnist.train.labels[7:8], 16)
    expected = augmentation.distort(sixteen, Distortion(**amounts), np.random.default_rng(0), labels)
    np.testing.assert_allclose(distorted(page), expected, atol=1)


@pytest.mark.parametrize("old", [name for name in aliases.ALIASES if name.startswith("augmentation.")])
def test_a_link_with_an_earlier_name_of_a_distortion_opens_the_same(old: str) -> None:
    new = aliases.current(old).removeprefix("augmentation.")
    page = open_explore(view="Distort", **{old.removeprefix("augmentation."): "0.35"})
    assert widget(page.slider, new).value == 0.35
    assert old.removeprefix("augmentation.") not in page.query_params
    again = open_explore(view="Distort", **{old.removeprefix("augmentation."): "0.35", new: "0.6"})
    assert widget(again.slider, new).value == 0.6


@pytest.mark.parametrize("name", POLICIES)
def test_a_named_distortion_is_drawn_as_training_has_it(name: str, mnist: Mnist) -> None:
    page = open_explore(view="Distort", distorted="7", amounts=distortions.TITLES[name])
    assert widget(page.button_group, "amounts").value == name
    sixteen, labels = np.repeat(mnist.train.images[7:8], 16, axis=0), np.repeat(mnist.train.labels[7:8], 16)
    expected = augmentation.distort(sixteen, POLICIES[name], np.random.default_rng(0), labels)
    np.testing.assert_allclose(distorted(page), expected, atol=1)


def test_no_distortion_is_the_digit_sixteen_times(mnist: Mnist) -> None:
    page = open_explore(view="Distort", distorted="60000", **dict.fromkeys(AMOUNTS, "0"))
    np.testing.assert_array_equal(distorted(page), np.repeat(mnist.test.images[:1], 16, axis=0))


def test_sixteen_others_are_others() -> None:
    page = open_explore(view="Distort")
    before = distorted(page)
    assert not np.array_equal(distorted(press(page, "Draw sixteen others")), before)


class Pictures(HTMLParser):
    """The pictures of a page's HTML, each with what those hear who do not see it."""

    def __init__(self) -> None:
        super().__init__()
        self.spoken: list[str] = []
        self._groups: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "img":
            around = next((group for group in reversed(self._groups) if group), None)
            self.spoken.append(named.get("alt") or around or "")
        elif tag == "div":
            self._groups.append(named.get("aria-label") if named.get("role") == "img" else None)

    def handle_endtag(self, tag: str) -> None:
        if tag == "div":
            self._groups.pop()


@pytest.mark.parametrize(
    "address",
    [{"view": view} for view in VIEWS] + [{"part": part} for part in ("Numbers", "Shapes", "Histogram")],
    ids=str,
)
def test_every_picture_and_chart_has_words(address: Mapping[str, str]) -> None:
    page = open_explore(**address)
    pictures = Pictures()
    pictures.feed(html_of(page))
    charts = [chart.proto.alt for chart in page.get("plotly_chart")]
    assert pictures.spoken or charts
    assert all(len(words) > 10 for words in pictures.spoken + charts)
    assert not page.get("imgs")  # st.image has no text equivalent
    for table in re.findall(r"<table[^>]*>", html_of(page)):
        assert 'aria-label="' in table
