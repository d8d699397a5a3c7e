import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import optimize, special, stats

from digit_core.datasets.mnist import Mnist
from digit_core.inference import model_files
from digit_core.metrics import calibration, classification
from tests.examples import examples


def _random_set(seed: int, n: int = 200, sharpness: float = 3.0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    labels = random.integers(0, 10, n)
    logits = random.normal(size=(n, 10)) * sharpness
    logits[np.arange(n), labels] += 2
    return labels, special.softmax(logits, axis=1)


def _sure(confidences: list[float]) -> np.ndarray:
    """Answers 0 with these confidences, each of at least a half."""
    found = np.zeros((len(confidences), 10))
    found[:, 0] = confidences
    found[:, 1] = 1 - found[:, 0]
    return found


def test_an_error_worked_by_hand() -> None:
    labels = np.array([0, 1, 0, 0])
    found = calibration.reliability(labels, _sure([0.55, 0.55, 0.9, 1.0]), bins=5)
    assert found.counts.tolist() == [0, 0, 2, 0, 2]
    assert found.accuracy[[2, 4]].tolist() == [0.5, 1.0]
    np.testing.assert_allclose(found.confidence[[2, 4]], [0.55, 0.95])
    assert np.isnan(found.accuracy[[0, 1, 3]]).all()
    assert found.error == pytest.approx(0.5 * 0.05 + 0.5 * 0.05)
    assert found.mean_confidence == pytest.approx(0.75)
    assert found.mean_accuracy == pytest.approx(0.75)


def test_a_confidence_on_an_edge_belongs_to_the_bin_above() -> None:
    """As netcal (`np.histogramdd`) and torchmetrics (`bucketize(right=True)`) count it; 1.0 lies in the last bin."""
    assert calibration.reliability(np.array([0]), _sure([0.75]), bins=4).counts.tolist() == [0, 0, 0, 1]
    confidences = [0.5, 0.5, 0.55, 0.625, 0.7, 0.75, 0.75, 0.875, 1.0, 1.0]
    found = calibration.reliability(np.zeros(10, int), _sure(confidences), bins=8)
    assert found.counts.tolist() == [0, 0, 0, 0, 3, 2, 2, 3]


@pytest.mark.parametrize("bins", [1, 4, 5, 10, 15])
def test_ties_are_counted_as_netcal_and_torchmetrics_count_them(bins: int) -> None:
    """In the words of their own code, netcal 1.4.0 and torchmetrics 1.9.0, on confidences of which most lie on edges."""
    edges = np.linspace(0, 1, bins + 1)
    random = np.random.default_rng(bins)
    confidence = random.choice(np.concatenate([edges[edges >= 0.5], [0.55, 0.7, 0.93]]), 300)
    labels = random.integers(0, 2, 300)  # 0 is right, where it is not as likely as 1
    probabilities = _sure(list(confidence))
    is_right = probabilities.argmax(axis=1) == labels
    found = calibration.reliability(labels, probabilities, bins)

    counts, _ = np.histogramdd(confidence[:, None], bins=[edges])  # netcal.metrics.Miscalibration.binning
    means = [
        stats.binned_statistic_dd(confidence[:, None], values, "mean", bins=[edges])[0]
        for values in (confidence, is_right.astype(float))
    ]
    np.testing.assert_array_equal(found.counts, counts)
    np.testing.assert_allclose(found.confidence, means[0])
    np.testing.assert_allclose(found.accuracy, means[1])
    gaps = np.nan_to_num(np.abs(means[0] - means[1]))
    assert found.error == pytest.approx((gaps * counts).sum() / 300)

    indices = np.searchsorted(edges, confidence, side="right") - 1  # torch.bucketize(..., right=True) - 1
    of_1 = int((confidence == 1).sum())
    by_torch = np.bincount(indices, minlength=bins + 1)
    assert by_torch[bins] == of_1  # it has a bin more, for 1.0 alone
    by_torch[bins - 1] += of_1
    np.testing.assert_array_equal(found.counts, by_torch[:bins])


def test_bins_of_equal_mass_part_no_tie() -> None:
    confidence = [0.5, 0.6, 0.6, 0.6, 0.7, 0.8, 1.0, 1.0, 1.0]
    found = calibration.reliability(np.zeros(9, int), _sure(confidence), 3, "equal mass")
    assert found.edges.tolist() == [0.5, 0.6, 1.0]
    assert found.counts.tolist() == [1, 8]


def test_a_model_that_is_always_sure_and_right_half_the_time_is_half_off() -> None:
    for binning in calibration.BINNINGS:
        found = calibration.reliability(np.array([0, 1, 0, 1]), _sure([1.0] * 4), binning=binning)
        assert found.error == 0.5
        assert (found.mean_confidence, found.mean_accuracy) == (1.0, 0.5)


@settings(max_examples=examples(30), deadline=None)
@given(seed=st.integers(0, 2**32 - 1), bins=st.integers(1, 30))
def test_every_digit_is_in_one_bin_and_the_error_is_guos(seed: int, bins: int) -> None:
    labels, probabilities = _random_set(seed)
    confidence, is_right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    for binning in calibration.BINNINGS:
        found = calibration.reliability(labels, probabilities, bins, binning)
        assert found.counts.sum() == len(labels)
        assert np.all(np.diff(found.edges) > 0)
        error = 0.0
        for low, high, count in zip(found.edges[:-1], found.edges[1:], found.counts):
            inside = (confidence >= low) & ((confidence < high) | (high == found.edges[-1]))
            assert inside.sum() == count
            if count:
                error += abs(is_right[inside].mean() - confidence[inside].mean()) * count / len(labels)
        assert found.error == pytest.approx(error)


def test_bins_of_equal_mass_hold_as_many_digits() -> None:
    labels, probabilities = _random_set(0, n=150)
    assert calibration.reliability(labels, probabilities, 15, "equal mass").counts.tolist() == [10] * 15


@settings(max_examples=examples(15), deadline=None)
@given(seed=st.integers(0, 2**32 - 1), sharpness=st.floats(0.3, 6))
@example(seed=99_999, sharpness=6.0)  # one loss is the largest
def test_the_temperature_is_where_scipy_finds_the_smallest_loss(seed: int, sharpness: float) -> None:
    labels, probabilities = _random_set(seed, 300, sharpness)

    def loss(inverse: float) -> float:
        rows = special.log_softmax(np.log(probabilities) * inverse, axis=1)
        largest = -np.log(np.finfo(np.float64).eps)  # a loss of `classification.losses`
        return np.minimum(-rows[np.arange(len(labels)), labels], largest).mean()

    best = optimize.minimize_scalar(loss, bounds=(0.05, 20), method="bounded", options={"xatol": 1e-8})
    found = calibration.fit_temperature(labels, probabilities)
    assert found.loss_after == pytest.approx(best.fun, abs=1e-7)
    assert 1 / found.fitted == pytest.approx(best.x, rel=1e-2)
    assert found.loss_before == pytest.approx(loss(1.0))
    assert found.loss_after <= found.loss_before + 1e-12


def test_a_known_temperature_is_found_again() -> None:
    random = np.random.default_rng(0)
    honest = special.softmax(random.normal(size=(20_000, 10)) * 2, axis=1)
    labels = (honest.cumsum(axis=1) > random.random((20_000, 1))).argmax(axis=1)
    boastful = calibration.at_temperature(honest, 1 / 3)
    found = calibration.fit_temperature(labels, boastful)
    assert found.value == pytest.approx(3, rel=0.05)
    np.testing.assert_allclose(calibration.at_temperature(boastful, 3), honest, atol=1e-9)
    after = calibration.reliability(labels, calibration.at_temperature(boastful, found.value))
    assert after.error < 0.02 < calibration.reliability(labels, boastful).error


def test_without_evidence_the_temperature_stays_1() -> None:
    """Of few digits the fitted one is luck; of many of the same kind it is not."""
    random = np.random.default_rng(1)
    honest = special.softmax(random.normal(size=(40_000, 10)) * 3, axis=1)
    labels = (honest.cumsum(axis=1) > random.random((40_000, 1))).argmax(axis=1)
    boastful = calibration.at_temperature(honest, 1 / 1.1)
    few = calibration.fit_temperature(labels[:150], boastful[:150])
    assert few.low < 1 < few.high
    assert few.fitted != few.value == 1
    many = calibration.fit_temperature(labels, boastful)
    assert 1 < many.low < 1.1 < many.high
    assert many.value == many.fitted
    well = calibration.fit_temperature(labels, honest)
    assert well.low <= 1 <= well.high and well.value == 1


def test_digits_without_a_mistake_prove_only_what_their_number_proves() -> None:
    """No resample holds a mistake, so the interval is a point far from 1. Of 40 digits at 98% each, 0.8 are misread on average."""
    few = calibration.fit_temperature(np.zeros(40, int), _sure([0.98] * 40))
    assert few.high < 0.1
    assert few.value == 1
    many = calibration.fit_temperature(np.zeros(4_000, int), _sure([0.98] * 4_000))
    assert many.value == many.fitted == pytest.approx(0.05, rel=0.01)


def test_a_few_digits_of_thousands_move_no_temperature() -> None:
    """5,000 answers at 99.99%, two of them wrong: two resamples in five hold fewer than two of these."""
    labels = np.zeros(5_000, int)
    labels[:2] = 1
    found = calibration.fit_temperature(labels, _sure([0.9999] * 5_000))
    assert found.fitted > 1.05
    assert found.low < 1 < found.high
    assert found.value == 1
    labels[:12] = 1  # more than can be luck
    assert calibration.fit_temperature(labels, _sure([0.9999] * 5_000)).value > 1.2


def test_an_honest_models_temperature_moves_one_time_in_twenty_at_most() -> None:
    random, moved = np.random.default_rng(3), 0
    for _ in range(60):
        honest = special.softmax(random.normal(size=(400, 10)) * 4, axis=1)
        labels = (honest.cumsum(axis=1) > random.random((400, 1))).argmax(axis=1)
        moved += calibration.fit_temperature(labels, honest).value != 1
    assert moved <= 7  # of 60, 3 are expected; 8 or more happen once in 100


def test_the_interval_holds_the_temperature_as_often_as_it_says() -> None:
    random, held = np.random.default_rng(2), 0
    for _ in range(60):
        honest = special.softmax(random.normal(size=(400, 10)) * 3, axis=1)
        labels = (honest.cumsum(axis=1) > random.random((400, 1))).argmax(axis=1)
        found = calibration.fit_temperature(labels, calibration.at_temperature(honest, 0.5))
        held += found.low <= 2 <= found.high
    assert held >= 53  # of 60: with 95% each, fewer happen once in 100


def test_a_temperature_changes_no_answer_and_sums_stay_1() -> None:
    _, probabilities = _random_set(1)
    for temperature in (0.05, 1, 20):
        changed = calibration.at_temperature(probabilities, temperature)
        np.testing.assert_array_equal(changed.argmax(axis=1), probabilities.argmax(axis=1))
        np.testing.assert_allclose(changed.sum(axis=1), 1)
    np.testing.assert_allclose(calibration.at_temperature(probabilities, 1), probabilities)


def test_certainty_survives_any_temperature() -> None:
    certain = np.eye(10, dtype=np.float32)
    assert np.isfinite(calibration.at_temperature(certain, 0.05)).all()
    found = calibration.fit_temperature(np.arange(10), certain)
    assert found.loss_after <= found.loss_before
    assert found.value == 1  # any temperature fits


@pytest.mark.parametrize("temperature", [0, -1, np.nan])
def test_what_is_no_temperature_is_refused(temperature: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        calibration.at_temperature(np.eye(10), temperature)


def test_right_and_wrong_answers_are_counted_by_confidence() -> None:
    found = calibration.confidence_histogram(np.array([0, 1, 0]), _sure([0.55, 0.72, 1.0]), bins=10)
    assert found.right.tolist() == [0, 0, 0, 0, 0, 1, 0, 0, 0, 1]
    assert found.wrong.tolist() == [0, 0, 0, 0, 0, 0, 0, 1, 0, 0]


def test_rejection_worked_by_hand() -> None:
    found = calibration.rejection_curve(np.array([0, 1, 0, 0]), _sure([0.6, 0.7, 0.7, 0.9]))
    assert found.thresholds.tolist() == [0.6, 0.7, 0.9]
    assert found.answered.tolist() == [4, 3, 1]
    assert found.right.tolist() == [3, 2, 1]
    point = found.at(0.7)
    assert (point.answered, point.right, point.wrong) == (3, 2, 1)
    assert (point.coverage, point.accuracy) == (0.75, 2 / 3)
    assert found.at(0).answered == 4
    nothing = found.at(0.95)
    assert (nothing.answered, nothing.accuracy) == (0, None)


@settings(max_examples=examples(30), deadline=None)
@given(seed=st.integers(0, 2**32 - 1), threshold=st.floats(0, 1))
def test_a_threshold_answers_what_is_at_least_as_confident(seed: int, threshold: float) -> None:
    labels, probabilities = _random_set(seed, 60)
    probabilities = np.round(probabilities, 1)
    probabilities[:, 0] += 1 - probabilities.sum(axis=1)
    probabilities = np.clip(probabilities, 0, 1)
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    given_ = probabilities.max(axis=1) >= threshold
    point = calibration.rejection_curve(labels, probabilities).at(threshold)
    assert point.answered == given_.sum()
    assert point.right == (probabilities.argmax(axis=1) == labels)[given_].sum()


def test_a_shipped_model_is_measured_and_mended(mnist: Mnist) -> None:
    answers = model_files.shipped_answers("cnn-2")
    fitted = calibration.fit_temperature(mnist.validation.labels, answers[55_000:60_000])
    test = answers[60_000:]
    before = classification.evaluate(mnist.test.labels, test)
    after = classification.evaluate(mnist.test.labels, calibration.at_temperature(test, fitted.value))
    assert after.log_loss < before.log_loss
    assert after.accuracy == before.accuracy


def test_what_cannot_be_binned_is_refused() -> None:
    labels, probabilities = np.array([0]), _sure([0.6])
    with pytest.raises(ValueError, match="at least 1 bin"):
        calibration.reliability(labels, probabilities, 0)
    with pytest.raises(ValueError, match="equal width, equal mass, not 'guo'"):
        calibration.reliability(labels, probabilities, binning="guo")
    with pytest.raises(ValueError, match="at least 1 bin"):
        calibration.confidence_histogram(labels, probabilities, 0)
    for function in (
        calibration.reliability,
        calibration.fit_temperature,
        calibration.confidence_histogram,
        calibration.rejection_curve,
    ):
        with pytest.raises(ValueError, match="NaN"):
            function(labels, np.full((1, 10), np.nan))
