"""Labels in doubt: fifteen test digits on which people disagreed with MNIST, and what this class thinks."""

import numpy as np
import streamlit as st

from digit_core.datasets.catalogue import Catalogue
from digit_core.datasets.label_errors import LABEL_ERRORS
from digit_core.preprocessing import images
from digit_core.storage.store import DigitKey
from ui.components import visitor
from ui.digits import votes


def show(catalogue: Catalogue, model: str) -> None:
    """The suspects with a vote on each."""
    if not catalogue.has_label_error.any():
        st.info("Nobody has looked for wrong labels in this set: choose MNIST.", icon=":material/info:")
        return
    who = visitor.known()
    st.markdown(
        "Five people checked 100 doubtful labels of the MNIST test set (Northcutt et al., 2021). For these fifteen digits, fewer "
        'than three agreed with the label. A network that reads one of them "wrong" may be right. **What do you see?**'
    )
    columns = st.columns(2, gap="large")
    for place, doubted in enumerate(LABEL_ERRORS):
        row = catalogue.row_of("test", doubted.number)
        image = images.from_dataset(catalogue.images(np.array([row]))[0])
        with columns[place % 2], st.container(border=True):
            key = DigitKey(catalogue.name, "test", doubted.number)
            votes.show(key, doubted.given, doubted.suggested, image, who)
