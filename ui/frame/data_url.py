"""Pictures that stand in a page's own text."""

import base64

PNG = "data:image/png;base64,"


def of(png: bytes) -> str:
    """A PNG as the address of a picture."""
    return PNG + base64.b64encode(png).decode()
