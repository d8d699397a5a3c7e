"""ROC and precision-recall: what happens when a digit counts only above a threshold."""

import pandas as pd
import streamlit as st

from digit_core.figures import curves as curve_figures
from digit_core.metrics import bootstrap, precision_recall, roc
from digit_core.metrics.curves import Curves
from ui.evaluate.subject import Subject
from ui.frame import address, resources
from ui.panels import charts

_LINES = ("micro", "macro", *map(str, range(10)))


def show(subject: Subject) -> None:
    """Both curves, their areas, and one threshold that moves a point on each."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        lines = st.pills(
            "Curves",
            selection_mode="multi",
            **address.several("lines", _LINES, ("micro", "macro", "0")),
            help="Each digit against the other nine. Micro pools all answers; macro is the mean of the ten.",
        )
        zoomed = st.toggle(
            "Zoom into the corner",
            **address.switch("zoom", first=True),
            help="A good network's curve is almost a corner. A logarithmic axis, which starts at its first mistakes, "
            "shows what happens there.",
        )
    percent = st.slider(
        "Threshold: call it that digit when its probability is at least, %",
        **address.number("threshold", 0, 100, 50),
    )
    of_roc, of_precision = resources.curves(subject.digits.catalogue, subject.digits.split, subject.model)
    left, right = st.columns(2, gap="medium")
    with left:
        _roc(subject, of_roc, lines, percent / 100, zoomed)
    with right:
        _precision_recall(subject, of_precision, lines, percent / 100, zoomed)
    for sentence in of_roc.reasons.values():
        st.caption(sentence)
    _areas(subject)


def _roc(subject: Subject, found: Curves, lines: list[str], threshold: float, zoomed: bool) -> None:
    curves = {name: curve for name, curve in found.named().items() if name in lines}
    points = {name: roc.point(found, name, threshold) for name in curves}
    st.markdown("**ROC**: hits against false alarms")
    charts.show(
        curve_figures.roc(curves, points, logarithmic=zoomed),
        "ROC curves with the point of the threshold",
        f"roc-{subject.model}",
        _table(points, "falsely claimed", "found"),
    )
    intervals = resources.auc_intervals(subject.digits.catalogue, subject.digits.split, subject.model)
    averages = [
        f"{name} {curves[name].area:.5f} ({intervals[name].low:.5f} to {intervals[name].high:.5f})"
        for name in ("micro", "macro")
        if name in curves
    ]
    if averages:
        st.caption(f"Area under the curve (AUC), with its 95% interval: {', '.join(averages)}.")
    if "0" in points:
        point = points["0"]
        st.caption(
            f"Only class 0, as in the tutorial: with the threshold at {threshold:.0%}, the hits are {point.y:.1%} of the zeros and "
            f"the false alarms {point.x:.2%} of the other digits. AUC {curves['0'].area:.5f}."
        )


def _precision_recall(
    subject: Subject, found: Curves, lines: list[str], threshold: float, zoomed: bool
) -> None:
    curves = {name: curve for name, curve in found.named().items() if name in lines}
    points = {name: precision_recall.point(found, name, threshold) for name in curves}
    st.markdown("**Precision and recall**: how often a claim is right, against hits")
    if not curves:
        st.caption("There is no macro-average precision-recall curve; choose another one above.")
        return
    charts.show(
        curve_figures.precision_recall(curves, points, zoomed=zoomed),
        "Precision-recall curves with the point of the threshold",
        f"precision-recall-{subject.model}",
        _table(points, "hits (recall)", "right when claimed (precision)"),
    )


def _table(points: dict, x: str, y: str) -> pd.DataFrame:
    return pd.DataFrame(
        {"curve": name, "threshold": point.threshold, x: point.x, y: point.y}
        for name, point in points.items()
    )


def _areas(subject: Subject) -> None:
    catalogue, split = subject.digits.catalogue, subject.digits.split
    of_roc, of_precision = resources.curves(catalogue, split, subject.model)
    intervals = resources.auc_intervals(catalogue, split, subject.model)
    rows = []
    for name, curve in of_roc.named().items():
        average = of_precision.named().get(name)
        area = of_precision.macro_area if name == "macro" else average and average.area
        rows.append(
            {
                "curve": name,
                "AUC": curve.area,
                "95% interval": f"{intervals[name].low:.5f} to {intervals[name].high:.5f}",
                "average precision": area,
            }
        )
    with st.expander("The areas under the curves, in numbers", icon=":material/table:"):
        st.dataframe(
            pd.DataFrame(rows),
            hide_index=True,
            column_config={
                name: st.column_config.NumberColumn(format="%.5f") for name in ("AUC", "average precision")
            },
        )
        st.caption(
            "AUC: the probability that a random digit of the class scores higher than a random other one; 0.5 is "
            f"guessing, 1 is perfect. The interval comes from a bootstrap: the digits were resampled {bootstrap.RESAMPLES:,} times, and 95% of "
            "the areas lie within it."
        )
