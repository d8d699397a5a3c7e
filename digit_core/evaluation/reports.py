"""Downloads: a report of one model as one HTML file, and its answers as CSV."""

import csv
import html
import io
from collections.abc import Sequence
from typing import Any

import numpy as np

from digit_core.evaluation import report_drawings
from digit_core.metrics import bootstrap, calibration, classification, misclassified, precision_recall, roc
from digit_core.metrics.classification import Evaluation

# Misread digits shown at most.
_GALLERY = 60
_PAIRS = 10
_THRESHOLDS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.99)
_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;color:#1c2326;background:#fff;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.7rem;margin-bottom:.2rem}h2{font-size:1.2rem;margin:2rem 0 .5rem}p{max-width:46rem}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}.scrolls{overflow-x:auto}
th,td{padding:.2rem .6rem;text-align:right;border-bottom:1px solid #dde3e6}
thead th{font-weight:600}thead th:first-child{text-align:left}tbody th{text-align:left;font-weight:600}
.matrix td{text-align:center;min-width:2.2rem}
.warning{border-left:4px solid #d0662f;padding-left:.8rem}
.gallery{display:flex;flex-wrap:wrap;gap:.8rem}figure{margin:0;width:6.6rem}
figure img{image-rendering:pixelated;border:1px solid #dde3e6}figcaption{font-size:.8rem;line-height:1.25}
svg{max-width:100%;height:auto}svg text{font-size:11px;fill:#1c2326}
svg .grid{stroke:#dde3e6}svg .guide{stroke:#5b6b73;stroke-width:1.5}
@media print{h2{break-after:avoid}figure,tr,svg{break-inside:avoid}}
"""


def html_report(
    name: str,
    set_name: str,
    images: np.ndarray,
    labels: np.ndarray,
    probabilities: np.ndarray,
    *,
    card: dict[str, Any] | None = None,
    without: np.ndarray | None = None,
) -> str:
    """A report on how a model reads a set of digits, as one self-contained HTML page with no script and no link out.

    Args:
        name: what the model is called.
        set_name: what the set is called, such as "MNIST test".
        images: uint8 array of shape (n, 28, 28), ink is 255.
        labels: integer array of shape (n,), 0 to 9.
        probabilities: float array of shape (n, 10).
        card: the model's card; its settings and whether it was chosen on the test digits are told.
        without: rows whose label is in doubt: figures are told with and without them.

    Raises:
        ValueError: as `classification.check`.
    """
    result = classification.evaluate(labels, probabilities)
    title = f"{name} on {set_name}"
    parts = [
        f"<h1>{html.escape(title)}</h1>",
        _summary(result, labels, probabilities, without),
        _training(card or {}),
        "<h2>Digit by digit</h2>"
        "<p>Precision: of the digits read as a 4, the share that are a 4. Recall: of all 4s, the share that were read "
        "as one. F1: their harmonic mean. Macro average: every digit counts alike; weighted: as often as it occurs.</p>",
        _report_table(result),
        "<h2>What was read as what</h2>",
        report_drawings.confusion_table(result.confusion),
        _pairs(result.confusion),
        _curves(labels, probabilities),
        _confidence(labels, probabilities),
        _misread(images, labels, probabilities),
        "<p>Made with Digit Lab.</p>",
    ]
    return page(title, parts)


def page(title: str, parts: Sequence[str]) -> str:
    """A self-contained HTML page that prints.

    Args:
        title: of the page; escaped.
        parts: of its body, as HTML.
    """
    # Nothing but its own styles and pictures may be loaded, whatever a model or a class is called.
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>'
        f"<body><main>{''.join(parts)}</main></body></html>"
    )


def _summary(
    result: Evaluation, labels: np.ndarray, probabilities: np.ndarray, without: np.ndarray | None
) -> str:
    rows = [_summary_row("all digits", result)]
    if without is not None and 0 < len(without) < len(labels):
        kept = classification.evaluate(labels, probabilities, without)
        rows.append(_summary_row(f"without {len(without):,} whose label is in doubt", kept))
    headings = ("", "digits", "read correctly", "95% interval", "errors", "log loss")
    return (
        report_drawings.table(headings, rows)
        + "<p>The interval holds the share on all digits of this kind in 95 of 100 such samples (Wilson, 1927). "
        "Log loss: 0 is perfect; being sure and wrong costs most.</p>"
    )


def _summary_row(words: str, result: Evaluation) -> tuple[str, ...]:
    accuracy = result.accuracy
    interval = f"{accuracy.low:.2%} to {accuracy.high:.2%}"
    return (
        words,
        f"{accuracy.n:,}",
        f"{accuracy.value:.2%}",
        interval,
        f"{result.errors:,}",
        f"{result.log_loss:.4f}",
    )


def _training(card: dict[str, Any]) -> str:
    configuration, facts = card.get("configuration") or {}, []
    if "architecture" in card:
        facts.append(("network", card["architecture"].get("title", "unnamed")))
    if card.get("parameters") is not None:
        facts.append(("parameters", f"{card['parameters']:,}"))
    if card.get("training_seconds") is not None:
        facts.append(("training", f"{card['training_seconds']:,.0f} s"))
    if (digits := (card.get("data") or {}).get("training_digits")) is not None:
        facts.append(("training digits", f"{digits:,}"))
    facts += [
        (key.replace("_", " "), str(value))
        for key, value in configuration.items()
        if isinstance(value, int | float | str) and not isinstance(value, bool)
    ]
    warning = ""
    if card.get("chosen_on_test"):
        warning = (
            '<p class="warning">This model was chosen on the test digits: its figures on them are better than it will '
            "do on digits nobody has seen.</p>"
        )
    if not facts:
        return warning
    return f"{warning}<h2>How it was trained</h2>{report_drawings.table((), facts)}"


def _report_table(result: Evaluation) -> str:
    rows = [
        (
            name.replace(" avg", " average"),
            f"{row['precision']:.2%}",
            f"{row['recall']:.2%}",
            f"{row['f1-score']:.4f}",
            f"{row['support']:,}",
        )
        for name, row in result.report.items()
    ]
    return report_drawings.table(("digit", "precision", "recall", "F1", "digits"), rows)


def _pairs(confusion: np.ndarray) -> str:
    pairs = misclassified.most_confused(confusion, _PAIRS)
    if not pairs:
        return "<p>No digit was misread.</p>"
    items = "".join(f"<li>{pair} ({pair.share:.1%} of them)</li>" for pair in pairs)
    return f"<p>Confused most often:</p><ol>{items}</ol>"


def _curves(labels: np.ndarray, probabilities: np.ndarray) -> str:
    of_roc, of_precision = roc.curves(labels, probabilities), precision_recall.curves(labels, probabilities)
    intervals = bootstrap.auc_intervals(labels, probabilities)
    precisions = of_precision.named()
    rows = []
    for name, one in of_roc.named().items():
        average = of_precision.macro_area if name == "macro" else precisions[name].area
        rows.append(
            (
                name,
                f"{one.area:.5f}",
                f"{intervals[name].low:.5f} to {intervals[name].high:.5f}",
                f"{average:.5f}",
            )
        )
    reasons = "".join(f"<p>{reason}</p>" for reason in of_roc.reasons.values())
    return (
        "<h2>Each digit against the rest</h2>"
        "<p>AUC: the chance that a 4 gets a higher probability of being a 4 than a digit that is none. Its 95% interval "
        f"comes from {bootstrap.RESAMPLES:,} bootstrap resamples. Average precision: the area below the precision-recall "
        "curve.</p>"
        + report_drawings.table(("digit", "AUC", "95% interval", "average precision"), rows)
        + reasons
        + report_drawings.roc_drawing(of_roc.micro)
    )


def _confidence(labels: np.ndarray, probabilities: np.ndarray) -> str:
    found = calibration.reliability(labels, probabilities)
    points = map(calibration.rejection_curve(labels, probabilities).at, _THRESHOLDS)
    rows = [
        (
            f"{point.threshold:.0%}",
            f"{point.coverage:.1%}",
            "–" if point.accuracy is None else f"{point.accuracy:.2%}",
            f"{point.wrong:,}",
        )
        for point in points
    ]
    return (
        "<h2>Does it know what it knows?</h2>"
        f"<p>Expected calibration error: {found.error:.2%}, over {len(found.counts)} bins of {found.binning}. That is how "
        "far confidence and the share right lie apart on average. A pale bar stands for fewer than 30 digits.</p>"
        + report_drawings.reliability_drawing(found)
        + "<p>If it says “I don't know” below a confidence:</p>"
        + report_drawings.table(("confidence from", "answered", "of those right", "errors left"), rows)
    )


def _misread(images: np.ndarray, labels: np.ndarray, probabilities: np.ndarray) -> str:
    predictions = misclassified.predictions(labels, probabilities)
    rows = misclassified.select(predictions)
    if not len(rows):
        return ""
    shown = rows[:_GALLERY]
    captions = [
        misclassified.caption(
            int(labels[row]), int(predictions.answers[row]), float(predictions.confidence[row])
        )
        for row in shown
    ]
    words = "All" if len(rows) <= _GALLERY else f"The {_GALLERY} most confident of all"
    return (
        f"<h2>The misread digits</h2><p>{words} {len(rows):,} misread digits, the most confident error first.</p>"
        + report_drawings.gallery(images[shown], captions)
    )


def predictions_csv(numbers: np.ndarray, labels: np.ndarray, probabilities: np.ndarray) -> str:
    """Every answer as CSV: number, true, answer, confidence, right, loss, p0 to p9; probabilities with six decimals.

    Args:
        numbers: integer array of shape (n,), each digit's number in its set.
        labels: integer array of shape (n,), 0 to 9.
        probabilities: float array of shape (n, 10).

    Raises:
        ValueError: as `classification.check`.
    """
    predictions = misclassified.predictions(labels, probabilities)
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(
        ["number", "true", "answer", "confidence", "right", "loss", *(f"p{digit}" for digit in range(10))]
    )
    for row, shares in enumerate(probabilities):
        answer, true = int(predictions.answers[row]), int(labels[row])
        writer.writerow(
            [
                int(numbers[row]),
                true,
                answer,
                f"{predictions.confidence[row]:.6f}",
                "yes" if answer == true else "no",
                f"{predictions.loss[row]:.6f}",
                *(f"{share:.6f}" for share in shares),
            ]
        )
    return file.getvalue()
