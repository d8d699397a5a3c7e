"""What Draw and Inside say about an answer: each panel opens for every kind of model, and says what the arrays say."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import ButtonGroup

from digit_core.datasets.mnist import Mnist
from digit_core.explanations import morphometrics, saliency
from digit_core.inference import classifier, model_files
from digit_core.preprocessing import images, normalization, strokes
from tests.app_pages import html_of, open_function, run, widget
from ui.frame import words
from ui.inside import replay
from ui.panels import html

FIXTURE = Path(__file__).parents[2] / "canvas_message.json"
OBJECTS = json.loads(FIXTURE.read_text(encoding="utf-8"))["objects"]  # a 4 in two strokes


def _page() -> None:
    import json

    import streamlit as st

    from digit_core.preprocessing import images, strokes
    from ui.digits import saliency
    from ui.draw import why
    from ui.inside import replay

    objects = json.loads(st.session_state["objects"])
    model = st.session_state["model"]
    if st.session_state["panel"] == "replay":
        replay.show(model, objects)
        st.stop()
    stages = images.stages_of_canvas(strokes.draw(strokes.from_canvas(objects)))
    if st.session_state["panel"] == "where":
        saliency.show(model, stages.image)
    else:
        why.show(model, stages, st.session_state.get("label"))


def open_panel(panel: str, model: str = "cnn-2", objects: list | None = None, **state: object) -> AppTest:
    drawn = json.dumps(OBJECTS if objects is None else objects)
    return open_function(_page, panel=panel, model=model, objects=drawn, **state)


def text_of(page: AppTest) -> str:
    return "\n".join(element.value for element in page.markdown)


def control(page: AppTest, key: str) -> ButtonGroup:
    return widget(page.get("button_group"), key)


def choose(page: AppTest, key: str, value: object) -> AppTest:
    control(page, key).set_value(value)
    return run(page)


def seen() -> np.ndarray:
    return images.from_canvas(strokes.draw(strokes.from_canvas(OBJECTS)))


def test_where_it_looked_names_its_answer_and_asks_about_any_digit() -> None:
    page = open_panel("where")
    assert "reads this as **a 4**" in text_of(page)
    assert html_of(page).count("<img") >= 2 + 6
    choose(page, "asked_digit", 9)
    share = classifier.load("cnn-2").predict(seen()[None])[0, 9]
    assert "reads this as **a 9**" in text_of(page)
    assert ("< 0.1%" if share < 0.001 else f"{share:.1%}") in text_of(page)
    found = saliency.score_cam(classifier.load("cnn-2"), seen(), 9)
    assert found is not None
    numbers = re.findall(r'<td style="[^"]*">([+−]?\d+)</td>', html_of(page))
    blocks = html.in_blocks(found.balance)
    expected = np.round(100 * blocks / np.abs(blocks).max()).astype(int)
    assert [int(number.replace("−", "-")) for number in numbers] == expected.ravel().tolist()


def test_a_network_of_dense_layers_shows_bars_and_says_why() -> None:
    page = open_panel("where", "ann")
    assert "Score-CAM needs a convolution" in page.info[0].value
    assert len(page.get("plotly_chart")) == 1
    choose(page, "asked_how", "Cover it")
    assert "reads this as **a 4**" in text_of(page)
    assert "speaks against it" in html_of(page)


@pytest.mark.parametrize(
    "model", ["cnn-3", "ann"]
)  # the one ends in pictures of one pixel, the other has none
def test_every_layer_can_be_looked_into(model: str) -> None:
    page = open_panel("where", model, asked_how="Inside the layers")
    layers = saliency.layer_activations(classifier.load(model), seen())
    slider = page.select_slider[0]
    assert len(slider.options) == len(layers)
    for place, (name, answers) in enumerate(layers.items()):
        slider = page.select_slider[0]
        slider.set_value(place)
        run(page)
        if answers.ndim == 3 and min(answers.shape[:2]) > 1:
            assert f"What the {answers.shape[2]} filters of {name} find" in html_of(page)
        else:
            assert len(page.get("plotly_chart")) == 1


def test_why_compares_with_what_it_was_meant_to_be() -> None:
    page = open_panel("why")
    assert "Read as **a 4**" in text_of(page)
    assert f"{len(model_files.names())} models**" in text_of(page)
    choose(page, "meant", 7)
    assert "Meant as **a 7**, read as **a 4**" in text_of(page)
    assert f"**0 of {len(model_files.names())} models** read a 7" in text_of(page)


def test_why_does_not_ask_where_the_label_is_known() -> None:
    page = open_panel("why", label=9)
    assert "Meant as **a 9**, read as **a 4**" in text_of(page)
    assert not any(one.key == "meant" for one in page.get("button_group"))


def test_a_step_that_is_switched_off_changes_what_is_seen_and_read() -> None:
    page = open_panel("why", why_part="Preprocessing")
    before = html_of(page)
    assert before.count("<img") == 10 + 7
    assert "With these steps it is read as **a 4**" in text_of(page)
    kept = [step for step in control(page, "preprocessing_steps").value if step != "binarizes"]
    choose(page, "preprocessing_steps", kept)
    stages = images.stages_of_canvas(strokes.draw(strokes.from_canvas(OBJECTS)))
    image = normalization.again(stages, normalization.ALL_STEPS.without("binarizes")).image
    digit, _ = classifier.load("cnn-2").predict_digit(image)
    assert f"With these steps it is read as **{words.a(digit)}**" in text_of(page)
    assert html_of(page) != before


def test_a_hand_is_measured_against_its_own_class(mnist: Mnist) -> None:
    page = open_panel("why", why_part="Your hand")
    comparisons = morphometrics.compare(np.round(seen() * 255).astype(np.uint8), morphometrics.load()[4])
    for one in comparisons:
        assert one.measurement.title in html_of(page)
        assert one.sentence("training 4s") in text_of(page)
    assert "nine of ten training 4s" in html_of(page)


def test_the_nearest_digits_are_shown_and_those_of_the_class_that_was_meant() -> None:
    page = open_panel("why", why_part="Nearest digits", label=7)
    text = html_of(page)
    assert len(re.findall(r'alt="Training digit \d+, labelled \d', text)) == 16
    assert len(re.findall(r'alt="Training digit \d+, labelled 7', text)) >= 8


def test_every_other_model_reads_the_drawing_too() -> None:
    page = open_panel("why", why_part="Other models")
    text = html_of(page)
    assert text.count("<tr>") == 1 + len(model_files.names())
    assert "in use" in text


def test_a_replay_tells_the_answers_in_turn_and_plays_them() -> None:
    page = open_panel("replay")
    made = strokes.replay(strokes.from_canvas(OBJECTS))
    assert "it stays **a 4**" in text_of(page)
    assert f"of {made.total}, in stroke 2 of 2" in text_of(page)
    assert len(page.get("plotly_chart")) == 1
    table = page.dataframe[0].value
    assert len(table) == len(made.points)
    answers = classifier.load("cnn-2").predict_dataset(made.images)
    assert table["answer"].iloc[-1] == 4
    assert table["4, %"].iloc[-1] == pytest.approx(100 * answers[-1, 4], abs=0.2)
    assert "".join(component.proto.component_name for component in page.get("bidi_component")).endswith(
        "pen_replay"
    )


@pytest.mark.parametrize(
    "objects",
    [[], [{"type": "Image", "src": "data:,"}], [{"path": [["M", "x", 1]], "strokeWidth": 3}], [7, None, "x"]],
)
def test_what_holds_no_strokes_is_not_replayed(objects: list) -> None:
    page = open_panel("replay", objects=objects)
    assert "no stroke to replay" in page.info[0].value


def test_a_replay_says_how_many_points_it_leaves_out() -> None:
    slow = {"path": [["M", 60, 60], *(["L", 60 + step / 5, 60] for step in range(1, 400))], "strokeWidth": 18}
    made = strokes.replay(strokes.from_canvas([slow]))
    left_out = made.total - len(made.points)
    sentence = f"This drawing has {made.total} points: {left_out} of them, evenly spread, are left out"
    page = open_panel("replay", objects=[slow])
    assert left_out > 0 and any(sentence in caption.value for caption in page.caption)
    assert not any("left out" in caption.value for caption in open_panel("replay").caption)


def test_a_picture_below_the_strokes_is_named() -> None:
    page = open_panel("replay", objects=[{"type": "Image", "src": "data:,"}, *OBJECTS])
    assert any("a picture on the canvas" in caption.value for caption in page.caption)


def test_a_drawing_without_end_is_refused_in_a_sentence() -> None:
    objects = [{"path": [["L", 1, 1]] * (strokes.MAX_POINTS + 1), "strokeWidth": 5}]
    page = open_panel("replay", objects=objects)
    assert "too many points" in page.warning[0].value


@pytest.mark.parametrize(
    ("turns", "told"),
    [
        ([(None, 1, 9)], "never anything to read"),
        ([(3, 1, 9)], "read as **a 3** from the first point to the last"),
        ([(None, 1, 2), (1, 3, 5), (4, 6, 9)], "**a 1** (point 3 to 5). From point 6 of 9, it stays **a 4**"),
        ([(1, 1, 1), (2, 2, 4), (1, 5, 7), (0, 8, 8), (4, 9, 9)], "last 11% of the drawing"),
    ],
)
def test_turns_are_told(turns: list[tuple[int | None, int, int]], told: str) -> None:
    assert told in replay.in_words([strokes.Turn(*turn) for turn in turns], [9])
