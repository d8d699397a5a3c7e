"""Costly things that all visitors share. Each can be made again, so nothing is lost when a visitor clears the cache."""

from ui.frame.resources.digits import (
    catalogue,
    drawn,
    mnist,
    split_labels,
    statistics,
    training_morphometrics,
    typical_digit,
)
from ui.frame.resources.evaluation import (
    answers,
    auc_intervals,
    curves,
    digit_map,
    known_answers,
    map_figure,
    measured_robustness,
    milliseconds_an_image,
    split_answers,
    temperature,
)
from ui.frame.resources.models import (
    answer_size,
    browser_network,
    card,
    cards,
    classifier,
    exported,
    first_filters,
    is_exported,
    model_title,
    recorded_models,
    recording,
    runs_in_browser,
    web_page,
)
from ui.frame.resources.trainings import ended_epochs, runs, store, training_rate
