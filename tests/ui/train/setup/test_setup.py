"""Setting a run up: each recipe and each knob is what is asked for, and mistakes are said before Start."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from digit_core.augmentation.policies import LIMITS, POLICIES, Distortion
from digit_core.errors import ConfigurationError, StoreError
from digit_core.recipes.architectures import ARCHITECTURES, Architecture
from digit_core.recipes.configuration import EarlyStopping, ReduceLROnPlateau, TrainingConfig
from digit_core.recipes.layers import Convolution, Dense, Dropout, Flatten, Pooling
from digit_core.recipes.presets import PRESETS
from digit_core.runs import estimates
from digit_core.runs import queue as all_runs
from digit_core.runs.queue import Runs
from digit_core.storage import processes
from digit_core.storage.run_records import Run
from digit_core.storage.store import Store
from tests.app_pages import open_function, press, run, widget
from tests.examples import others_long
from ui.frame import state
from ui.frame.words import plain
from ui.panels import distortions
from ui.panels.run_formatting import rough_duration
from ui.train.setup import as_text
from ui.train.setup import draft as drafts
from ui.train.setup.cost import memory
from ui.train.setup.page import Request, in_words

ANN = "a" * 32
OWN = Architecture(
    "Small one",
    "For a test.",
    (Convolution(8, 5, "same", "tanh", strides=2), Pooling(4), Dropout(0.15), Flatten(), Dense(20, "elu")),
)
UNUSUAL = TrainingConfig(
    architecture=OWN,
    optimizer="rmsprop",
    learning_rate=0.00037,
    momentum=0.45,
    loss="categorical_crossentropy",
    batch_size=100,
    epochs=7,
    subset_size=1_234,
    validation_share=0.37,
    early_stopping=EarlyStopping("val_accuracy", 4, 0.001, 2),
    reduce_lr_on_plateau=ReduceLROnPlateau("loss", 0.3, 1, 0.002, 1, 1e-5),
    keeps_best_weights=False,
    augmentation=Distortion(rotation=9, shift=1.25, noise=0.02, habits=0.15, cover=7),
    precision="bfloat16",
    seed=42,
)


class Roomy(Runs):
    """Real runs on a machine that has room, or lacks it, as the test says."""

    lack = ""

    def lacks_room(self, config: TrainingConfig | None = None) -> str:
        return self.lack


@pytest.fixture
def runs(store: Store, monkeypatch: pytest.MonkeyPatch) -> Roomy:
    """They start nothing here: a form asks which runs there are and whether there is room."""
    runs = Roomy(store)
    monkeypatch.setattr(all_runs, "default", lambda: runs)
    return runs


def write_down(store: Store, run: Run) -> None:
    store.runs.add(processes.this_process(), [run])


def _page() -> None:
    import streamlit as st

    from ui.train.setup import page as setup

    def watch(name: str) -> None:
        st.session_state["watched"] = name

    proposal = st.session_state.pop("to propose", None)
    if proposal:
        setup.propose(*proposal)
    if not st.session_state.get("elsewhere"):
        st.session_state["asked"] = setup.show(st.session_state["who"], watch)


@pytest.fixture
def open_page(runs: Roomy) -> Callable[..., AppTest]:
    def opened(*proposal: Any, who: str | None = ANN, is_unfolded: bool = True) -> AppTest:
        return open_function(_page, **{"who": who, "to propose": proposal, "setup fold": is_unfolded})

    return opened


def set_value(page: AppTest, kind: str, key: str, value: Any) -> AppTest:
    widget(getattr(page, kind), f"setup {key}").set_value(value)
    return run(page)


def start_button(page: AppTest) -> Any:
    return page.button(key="setup start")


def asked(page: AppTest) -> Request:
    assert not start_button(page).disabled
    start_button(page).click()
    return run(page).session_state["asked"]


def set_up(page: AppTest) -> tuple[TrainingConfig, ...]:
    """What Start would ask for, without the press."""
    assert not start_button(page).disabled
    return drafts.configs(page.session_state[state.SETUP])


@pytest.mark.parametrize("name", others_long(PRESETS, "tutorial-3", "digit-lab"))
def test_a_recipe_is_asked_for_exactly(open_page: Callable[..., AppTest], name: str) -> None:
    page = set_value(open_page(UNUSUAL), "selectbox", "preset", name)
    assert widget(page.selectbox, "setup preset").value == name
    words = f"{PRESETS[name].description} {PRESETS[name].origin}"
    assert words in [caption.value for caption in page.caption]
    assert asked(page) == Request(PRESETS[name].configs, "", None)


def test_one_switch_does_a_recipe_as_its_author_does_and_back(open_page: Callable[..., AppTest]) -> None:
    """Where we differ on purpose: the recipe stays marked, and only what it validates on changes."""
    preset = PRESETS["tutorial-1"]
    page = set_value(open_page(), "selectbox", "preset", "tutorial-1")
    assert page.toggle(key="setup authors way False").label.endswith("validate on the test digits")
    page = set_value(page, "toggle", "authors way False", True)
    assert set_up(page) == preset.authors_way == (replace(preset.configs[0], validates_on_test=True),)
    assert page.selectbox(key="setup preset").value == "tutorial-1"
    page = set_value(page, "toggle", "authors way True", False)
    assert set_up(page) == preset.configs


@pytest.mark.parametrize("name", [name for name, preset in PRESETS.items() if not preset.authors_way])
def test_a_recipe_that_is_done_as_its_author_does_needs_no_switch(
    open_page: Callable[..., AppTest], name: str
) -> None:
    page = set_value(open_page(), "selectbox", "preset", name)
    assert not [toggle for toggle in page.toggle if "author" in toggle.label]


def test_nothing_is_asked_for_before_start_is_pressed_nor_twice(open_page: Callable[..., AppTest]) -> None:
    page = open_page()
    assert page.session_state["asked"] is None
    assert asked(page)
    assert run(page).session_state["asked"] is None


# The widget's kind, name and new value; what becomes of the settings where that is not this value in the field of this name.
KNOBS: list[tuple[str, str, Any, dict[str, Any] | None]] = [
    ("selectbox", "network", "cnn-2", {"architecture": "cnn-2"}),
    ("selectbox", "optimizer", "nadam", None),
    ("select_slider", "learning_rate", 0.03, None),
    ("selectbox", "loss", "categorical_crossentropy", None),
    ("select_slider", "batch_size", 512, None),
    ("number_input", "epochs", 33, None),
    ("select_slider", "subset_size", 2_000, None),
    ("button_group", "validation", "test", {"validates_on_test": True}),
    ("button_group", "validation", "share", {"validates_on_test": False, "validation_share": 0.2}),
    ("toggle", "early_stopping", True, {"early_stopping": EarlyStopping()}),
    ("toggle", "reduce_lr_on_plateau", True, {"reduce_lr_on_plateau": ReduceLROnPlateau()}),
    ("toggle", "reduce_lr_on_plateau", False, {"reduce_lr_on_plateau": None}),
    ("selectbox", "schedule", "cosine", None),
    ("toggle", "keeps_best_weights", False, None),
    ("selectbox", "precision", "bfloat16", None),
    ("button_group", "distortion", "strong", {"augmentation": POLICIES["strong"]}),
    ("button_group", "distortion", "handwriting", {"augmentation": POLICIES["handwriting"]}),
    ("button_group", "distortion", "none", {"augmentation": Distortion()}),
    ("slider", "augmentation.rotation", 20.0, None),
    ("slider", "augmentation.shift", 2.5, None),
    ("slider", "augmentation.scale", 0.3, None),
    ("slider", "augmentation.shear", 5.0, None),
    ("slider", "augmentation.thickness", 1.1, None),
    ("slider", "augmentation.elastic", 0.7, None),
    ("slider", "augmentation.noise", 0.05, None),
    ("slider", "augmentation.stretch", 0.4, None),
    ("slider", "augmentation.blur", 1.2, None),
    ("slider", "augmentation.coarseness", 0.5, None),
    ("slider", "augmentation.gamma", 0.5, None),
    ("slider", "augmentation.contrast", 0.7, None),
    ("slider", "augmentation.ground", 0.15, None),
    ("slider", "augmentation.lines", 0.06, None),
    ("slider", "augmentation.cover", 9.0, None),
    ("slider", "augmentation.habits", 0.3, None),
    ("slider", "augmentation.recenter", 0.8, None),
    ("slider", "augmentation.outlier_share", 0.12, None),
    ("number_input", "seed", 77, None),
]


def changed(config: TrainingConfig, key: str, value: Any) -> TrainingConfig:
    """The settings with another value in one field, or in one of a field's own ("early_stopping.patience")."""
    part, dot, name = key.partition(".")
    return replace(config, **{part: replace(getattr(config, part), **{name: value}) if dot else value})


def test_a_knob_changes_its_setting_and_no_other(open_page: Callable[..., AppTest]) -> None:
    """One after the other on one page: what a knob disturbs would show behind each later one, too."""
    expected = TrainingConfig()
    page = open_page(expected)
    for kind, key, value, changes in KNOBS:
        page = set_value(page, kind, key, value)
        expected = replace(expected, **changes) if changes else changed(expected, key, value)
        assert set_up(page) == (expected,), key


def test_a_knob_of_a_rule_changes_that_alone(open_page: Callable[..., AppTest]) -> None:
    page, expected = open_page(UNUSUAL), UNUSUAL
    for kind, key, value in [
        ("slider", "momentum", 0.9),
        ("slider", "validation_share", 0.5),
        ("selectbox", "early_stopping.monitor", "loss"),
        ("number_input", "early_stopping.patience", 9),
        ("number_input", "early_stopping.min_delta", 0.01),
        ("number_input", "early_stopping.start_from_epoch", 3),
        ("selectbox", "reduce_lr_on_plateau.monitor", "val_accuracy"),
        ("number_input", "reduce_lr_on_plateau.patience", 6),
        ("number_input", "reduce_lr_on_plateau.min_delta", 0.03),
        ("slider", "reduce_lr_on_plateau.factor", 0.75),
        ("number_input", "reduce_lr_on_plateau.cooldown", 4),
        ("select_slider", "reduce_lr_on_plateau.min_lr", 0.0),
    ]:
        page = set_value(page, kind, key, value)
        expected = changed(expected, key, value)
        assert set_up(page) == (expected,), key


@pytest.mark.parametrize(
    "config",
    [TrainingConfig(), UNUSUAL, *(config for preset in PRESETS.values() for config in preset.configs)],
)
def test_what_is_proposed_is_what_is_asked_for(
    open_page: Callable[..., AppTest], config: TrainingConfig
) -> None:
    assert set_up(open_page(config)) == (config,)


def test_every_distortion_has_a_knob_and_every_named_one_a_button() -> None:
    assert {field for knobs in distortions.GROUPS.values() for field in knobs} == set(LIMITS)
    assert list(distortions.TITLES) == list(distortions.DESCRIPTIONS) == list(POLICIES)


def test_a_name_is_passed_on(open_page: Callable[..., AppTest]) -> None:
    assert asked(set_value(open_page(), "text_input", "name", "  Class 8b ")).name == "Class 8b"


def test_the_form_outlasts_another_page(open_page: Callable[..., AppTest]) -> None:
    page = set_value(open_page(UNUSUAL), "number_input", "epochs", 12)
    page.session_state["elsewhere"] = True
    assert not run(page).number_input
    page.session_state["elsewhere"] = False
    assert asked(run(page)).configs == (replace(UNUSUAL, epochs=12),)


def test_a_proposal_made_elsewhere_is_shown_on_return(open_page: Callable[..., AppTest]) -> None:
    page = open_page(TrainingConfig())
    page.session_state["elsewhere"] = True
    page.session_state["to propose"] = (UNUSUAL, "cnn")
    run(page)
    page.session_state["elsewhere"] = False
    run(page)
    assert widget(page.number_input, "setup epochs").value == 7
    assert asked(page) == Request((UNUSUAL,), "", "cnn")


def test_switched_off_rules_keep_their_numbers(open_page: Callable[..., AppTest]) -> None:
    page = set_value(open_page(UNUSUAL), "toggle", "early_stopping", False)
    assert asked(page).configs[0].early_stopping is None
    assert asked(set_value(page, "toggle", "early_stopping", True)).configs == (UNUSUAL,)


def test_momentum_is_asked_only_of_those_that_have_it(open_page: Callable[..., AppTest]) -> None:
    page = set_value(open_page(UNUSUAL), "selectbox", "optimizer", "adam")
    assert "setup momentum" not in [slider.key for slider in page.slider]
    assert asked(page).configs[0].momentum == 0


def test_the_test_digits_come_with_a_warning(open_page: Callable[..., AppTest]) -> None:
    page = open_page(TrainingConfig())
    assert not page.warning
    page = set_value(page, "button_group", "validation", "test")
    assert "flatters" in page.warning[0].value
    assert "validated on the test digits" in cost(page)


def test_the_first_screen_asks_for_a_recipe_a_network_and_a_name_and_folds_the_rest_away(
    open_page: Callable[..., AppTest],
) -> None:
    """What is folded away is not made at all before it is asked for: a browser needs long for it."""
    page = open_page(UNUSUAL, is_unfolded=False)
    assert [fold.label for fold in page.expander] == ["Change the settings"]
    kinds = ("selectbox", "text_input", "button", "button_group", "toggle", "number_input", "select_slider")
    shown = [one.key for kind in (*kinds, "slider") for one in getattr(page, kind)]
    assert shown == ["setup preset", "setup network", "setup name", "setup start"]
    assert asked(page).configs == (UNUSUAL,)
    page.session_state["setup fold"] = True
    assert widget(run(page).number_input, "setup epochs").value == UNUSUAL.epochs
    assert widget(page.slider, "setup momentum").value == UNUSUAL.momentum


def test_settings_that_are_no_recipes_are_told_by_what_differs(open_page: Callable[..., AppTest]) -> None:
    preset = PRESETS["quick"]
    page = set_value(open_page(preset.configs[0]), "number_input", "epochs", 12)
    assert widget(page.selectbox, "setup preset").value is None
    told = f"Your own settings: like “{preset.title}”, but epochs: 12."
    assert plain(told) in [caption.value for caption in page.caption]
    assert in_words(()) == "Your own settings."
    assert in_words((UNUSUAL,)).endswith(" more.")
    assert in_words(preset.configs) == f"Your own settings: like “{preset.title}”."  # beside other networks


def cost(page: AppTest) -> str:
    return "".join(element.proto.body for element in page.get("html") if 'class="cost"' in element.proto.body)


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (TrainingConfig(), ["10 epochs of", "55,000</b>training digits, validated on 5,000 others"]),
        (TrainingConfig(epochs=1, subset_size=1_000), ["1 epoch of", "1,000</b>training digits"]),
        (TrainingConfig(validation_share=0.3), ["42,000</b>training digits, validated on 18,000 others"]),
        (
            TrainingConfig(early_stopping=EarlyStopping()),
            ["about ", "10 epochs of", " or less: it stops early"],
        ),
    ],
)
def test_the_cost_is_said_before_the_start(
    open_page: Callable[..., AppTest], config: TrainingConfig, words: list[str]
) -> None:
    found = cost(open_page(config))
    assert all(word in found for word in words)
    foreseen = estimates.of(config)
    assert f"{rough_duration(foreseen.seconds)}</b>" in found
    assert f"{memory(foreseen.megabytes)}</b>of memory" in found


def test_other_networks_follow_with_the_same_settings(open_page: Callable[..., AppTest]) -> None:
    page = set_value(
        open_page(replace(UNUSUAL, architecture="ann")), "multiselect", "rivals", ["cnn-2", "cnn"]
    )
    assert start_button(page).label == "Start 3 runs"
    assert asked(page).configs == tuple(
        replace(UNUSUAL, architecture=name) for name in ("ann", "cnn-2", "cnn")
    )


def drawing(page: AppTest) -> str:
    return next(element.proto.body for element in page.get("html") if 'class="network"' in element.proto.body)


def layers(page: AppTest) -> tuple:
    return set_up(page)[0].network.layers


def test_a_changed_layer_makes_the_network_ones_own(open_page: Callable[..., AppTest]) -> None:
    page = open_page(TrainingConfig(architecture="ann"))
    page = set_value(page, "button_group", "layer", 1)
    page = set_value(page, "number_input", "layer dense units", 50)
    assert layers(page) == (Flatten(), Dense(50), Dropout(0.2))
    assert widget(page.selectbox, "setup network").value == drafts.OWN
    assert "50 neurons" in drawing(page)
    assert "39,250 learnt" in drawing(page)  # (784 + 1) x 50
    page = set_value(page, "text_input", "title", "Fifty")
    assert asked(page).configs[0].network.title == "Fifty"
    assert ARCHITECTURES["ann"].layers == (Flatten(), Dense(128), Dropout(0.2))  # the named one is whole


def test_a_press_on_a_layer_that_has_gone_meanwhile_changes_nothing(
    open_page: Callable[..., AppTest],
) -> None:
    page = open_page(TrainingConfig(architecture="cnn-2"))
    widget(page.selectbox, "setup layer convolution padding").set_value("same")
    other = drafts.from_configs([TrainingConfig(architecture="ann")])  # its first layer has no such setting
    page.session_state[state.SETUP] = other
    assert drafts.layers(run(page).session_state[state.SETUP]) == drafts.layers(other)


def test_every_number_of_a_layer_can_be_changed(open_page: Callable[..., AppTest]) -> None:
    page, expected = open_page(UNUSUAL), list(OWN.layers)
    for layer, kind, key, value in [
        (0, "number_input", "convolution filters", 3),
        (0, "number_input", "convolution size", 7),
        (0, "number_input", "convolution strides", 3),
        (0, "selectbox", "convolution padding", "valid"),
        (0, "selectbox", "convolution activation", "gelu"),
        (1, "number_input", "pooling size", 3),
        (2, "slider", "dropout rate", 0.4),
        (4, "number_input", "dense units", 33),
        (4, "selectbox", "dense activation", "sigmoid"),
    ]:
        if widget(page.button_group, "setup layer").value != layer:
            page = set_value(page, "button_group", "layer", layer)
        page = set_value(page, kind, f"layer {key}", value)
        expected[layer] = replace(expected[layer], **{key.split()[1]: value})
        assert layers(page) == tuple(expected), key


def test_layers_are_added_moved_changed_and_removed(open_page: Callable[..., AppTest]) -> None:
    page = open_page(TrainingConfig(architecture="ann"))
    page = set_value(page, "button_group", "layer", 2)
    page = press(page, "Add one after it")
    assert layers(page) == (Flatten(), Dense(128), Dropout(0.2), Dense(64))
    page = press(page, "Earlier")
    assert layers(page) == (Flatten(), Dense(128), Dense(64), Dropout(0.2))
    page = press(page, "Later")
    page = set_value(page, "selectbox", "layer kind", "dropout")
    assert layers(page) == (Flatten(), Dense(128), Dropout(0.2), Dropout(0.25))
    page = press(press(page, "Remove"), "Remove")
    assert layers(page) == (Flatten(), Dense(128))


def test_a_network_that_lost_all_its_layers_can_be_built_again(open_page: Callable[..., AppTest]) -> None:
    page = open_page(TrainingConfig(architecture=Architecture("One", "", (Flatten(),))))
    page = press(page, "Remove")
    assert start_button(page).disabled  # a picture is no row of numbers
    assert layers(press(page, "Add one after it")) == (Flatten(),)


def test_a_network_that_cannot_be_says_why_and_keeps_what_was_typed(
    open_page: Callable[..., AppTest],
) -> None:
    page = press(open_page(TrainingConfig(architecture="ann")), "Remove")  # of the flatten layer
    assert start_button(page).disabled
    sentence = "A dense layer needs numbers in a row: put a flatten layer before it."
    assert [error.value for error in page.error] == [sentence]
    assert "does not fit" in drawing(page)
    page = set_value(page, "selectbox", "layer kind", "flatten")
    page = press(page, "Add one after it")
    assert not page.error
    assert layers(page) == (Flatten(), Dense(64), Dropout(0.2))


@pytest.mark.parametrize(
    ("changes", "kind", "key", "value", "sentence"),
    [
        (
            {"subset_size": 1_000},
            "select_slider",
            "batch_size",
            2_048,
            "A batch of 2,048 is larger than the 1,000 training digits.",
        ),
        (
            {"schedule": "cosine"},
            "toggle",
            "reduce_lr_on_plateau",
            True,
            "A schedule and a reduction on plateaus both set the learning rate: choose one of them.",
        ),
        (
            {"architecture": "cnn-2"},
            "number_input",
            "layer convolution size",
            28,
            "1 x 1 pixels are too few to pool by 2.",
        ),
    ],
)
def test_a_mistake_stops_start_until_it_is_mended(
    open_page: Callable[..., AppTest], changes: dict[str, Any], kind: str, key: str, value: Any, sentence: str
) -> None:
    page = open_page(TrainingConfig(**changes))
    before = getattr(page, kind)(key=f"setup {key}").value
    page = set_value(page, kind, key, value)
    assert start_button(page).disabled
    assert [error.value for error in page.error] == [sentence]
    assert getattr(page, kind)(key=f"setup {key}").value == value  # it is still there to be mended
    page = set_value(page, kind, key, before)
    assert not page.error
    assert not start_button(page).disabled


def a_run(**changes: Any) -> Run:
    return replace(
        Run("abcabcabcabc", ANN, "First try", "waiting", "", TrainingConfig(), 0.0, place=1), **changes
    )


def test_one_waiting_run_is_enough(open_page: Callable[..., AppTest], store: Store) -> None:
    write_down(store, a_run())
    page = open_page()
    assert start_button(page).disabled
    assert page.info[0].value.startswith("Your run “First try” waits in the queue at place 1.")


@pytest.mark.parametrize("changes", [{"owner": "b" * 32}, {"state": "running", "place": None}])
def test_others_and_running_ones_do_not_stand_in_the_way(
    open_page: Callable[..., AppTest], store: Store, changes: dict[str, Any]
) -> None:
    write_down(store, a_run(**changes))
    assert asked(open_page())


def test_nobody_starts_a_run(open_page: Callable[..., AppTest]) -> None:
    """Before the browser has said who is visiting."""
    assert start_button(open_page(who=None)).disabled


def test_without_room_recorded_runs_are_offered(open_page: Callable[..., AppTest], runs: Roomy) -> None:
    runs.lack = "A training needs 900 MB, and 300 MB are left: end another program."
    page = open_page()
    assert start_button(page).disabled
    assert runs.lack in [warning.value for warning in page.warning]
    page.button(key="watch recording ann").click()
    assert run(page).session_state["watched"] == "ann"


def test_a_store_out_of_reach_is_a_sentence(
    open_page: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> Runs:
        raise StoreError("The database is busy: try again in a moment.")

    monkeypatch.setattr(all_runs, "default", fail)
    page = open_page(UNUSUAL)
    assert start_button(page).disabled
    assert [info.value for info in page.info] == ["The database is busy: try again in a moment."]
    assert widget(page.number_input, "setup epochs").value == 7


def test_going_on_names_where_from_and_keeps_the_network(
    open_page: Callable[..., AppTest], store: Store
) -> None:
    write_down(store, a_run(state="finished", place=None, has_model=True, config=UNUSUAL))
    page = open_page(UNUSUAL, "abcabcabcabc")
    assert "First try" in page.info[0].value
    assert widget(page.selectbox, "setup network").disabled
    assert "setup layer" not in [group.key for group in page.button_group]
    assert asked(page).parent == "abcabcabcabc"
    assert asked(press(page, "Start from random weights")).parent is None


def test_settings_travel_as_text(open_page: Callable[..., AppTest]) -> None:
    text = open_page(UNUSUAL).code[0].value
    assert json.loads(text) == json.loads(json.dumps(UNUSUAL.as_dict()))
    page = set_value(open_page(), "text_area", "pasted text", text)
    assert asked(press(page, "Use this text")).configs == (UNUSUAL,)


def test_text_with_earlier_names_of_settings_fills_the_form(open_page: Callable[..., AppTest]) -> None:
    text = '{"architecture": "ann", "augmentation": {"calm": 0.5, "refit": 0.25}}'
    page = press(set_value(open_page(), "text_area", "pasted text", text), "Use this text")
    expected = TrainingConfig("ann", augmentation=Distortion(clean_share=0.5, recenter=0.25))
    assert asked(page).configs == (expected,)


@pytest.mark.parametrize("name", PRESETS)
def test_the_text_of_a_recipe_reads_back(name: str) -> None:
    assert as_text.read(as_text.write(PRESETS[name].configs)) == PRESETS[name].configs


def test_a_wrong_text_is_refused_with_a_sentence_and_stays(open_page: Callable[..., AppTest]) -> None:
    page = set_value(open_page(UNUSUAL), "text_area", "pasted text", '{"epoch": 3}')
    page = press(page, "Use this text")
    assert "There is no setting 'epoch'." in page.error[0].value
    assert page.text_area(key="setup pasted text").value == '{"epoch": 3}'
    assert asked(page).configs == (UNUSUAL,)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("epochs: 3", "isn't valid JSON"),
        ("[" * 5_000, "isn't valid JSON"),
        ("3", "in curly braces"),
        ("[]", "in curly braces"),
        ('{"epoch": 3}', "There is no setting 'epoch'."),
        ('{"learning_rate": NaN}', "learning rate"),
        ('{"epochs": -1}', "number of epochs"),
        ('{"architecture": {"layers": [{"kind": "dense", "units": 1000000000}]}}', "units of a dense layer"),
        ('[{"epochs": 3}, {"epochs": 4}]', "can differ only in their networks"),
    ],
)
def test_a_wrong_text_has_a_sentence(text: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        drafts.from_configs(as_text.read(text))
    assert words in str(caught.value)


def test_the_dice_bring_another_seed(open_page: Callable[..., AppTest]) -> None:
    assert asked(press(open_page(UNUSUAL), "Another seed")).configs[0].seed != 42


def test_a_series_of_unlike_runs_fits_no_form() -> None:
    with pytest.raises(ConfigurationError, match="only in their networks"):
        drafts.from_configs([TrainingConfig(), TrainingConfig(epochs=3)])


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 s"), (7.4, "7 s"), (44, "40 s"), (100, "2 min"), (3_590, "1 h"), (4_900, "1 h 20 min")],
)
def test_times_have_no_more_figures_than_they_deserve(seconds: float, words: str) -> None:
    assert rough_duration(seconds) == words


@pytest.mark.parametrize(("megabytes", "words"), [(412, "410 MB"), (1_234, "1.2 GB"), (960, "1.0 GB")])
def test_memory_in_words(megabytes: float, words: str) -> None:
    assert memory(megabytes) == words


def test_a_form_that_needs_more_memory_than_there_is_cannot_be_started(
    open_page: Callable[..., AppTest], runs: Roomy, monkeypatch: pytest.MonkeyPatch
) -> None:
    sentence = "A training needs 16 GB, and 300 MB are left: choose a smaller batch."
    monkeypatch.setattr(Roomy, "lacks_room", lambda runs, config=None: sentence if config == UNUSUAL else "")
    page = open_page(UNUSUAL)
    assert start_button(page).disabled
    assert sentence in [warning.value for warning in page.warning]
    assert not start_button(open_page()).disabled
