"""Pictures that stand in a page's own text."""

import base64

PNG = "data:image/png;base64,"


def of(png: bytes) -> str:
    """A PNG as the address of a picture."""
    return PNG + base64.b64encode(png).decode()


def of_svg(svg: str) -> str:
    """A drawing in SVG as the address of a picture."""
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"
