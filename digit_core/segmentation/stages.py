"""The stages of a page on its way to digits: they show where a wrong reading comes from."""

from dataclasses import dataclass

import cv2
import numpy as np

from digit_core.digits import brief
from digit_core.preprocessing.page import Page
from digit_core.segmentation import line_reader
from digit_core.segmentation.decoder import Row
from digit_core.segmentation.lines import Piece
from digit_core.segmentation.signs import Sign


@dataclass(frozen=True, eq=False)
class PageStages:
    """What each stage made of a page.

    Attributes:
        page: its ink, without lines; of the sheet alone where one was found and straightened.
        rows: its lines, from the top, with the parts that their ink was cut into and what the line reader says of each
            column; those without digits, too.
        signs: the signs that were taken out of them.

    Example:
        >>> from PIL import Image, ImageDraw
        >>> from digit_core import find_digits
        >>> picture = Image.new("L", (200, 100), "white")
        >>> ImageDraw.Draw(picture).text((20, 5), "2 5", font_size=80)
        >>> stages = find_digits(picture).stages
        >>> len(stages.rows), len(stages.rows[0].parts) >= 2, stages.rows[0].readings[0][0], stages.corners
        (1, True, '25', None)
    """

    page: Page
    rows: tuple[Row, ...]
    signs: tuple[Sign, ...]

    __repr__ = brief

    @property
    def corners(self) -> np.ndarray | None:
        """Where the sheet lies in the picture: float64 (4, 2), x and y, clockwise from its top left corner; None without a sheet."""
        if self.page.matrix is None:
            return None
        height, width = self.page.ink.shape
        corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
        return np.asarray(cv2.perspectiveTransform(corners[None], self.page.matrix)[0])

    def seen_rows(self) -> list[np.ndarray]:
        """What the line reader sees of each row: float32 arrays of shape (40, w), 0.0 to 1.0; w is twice the columns.

        Example:
            >>> from PIL import Image, ImageDraw
            >>> from digit_core import find_digits
            >>> picture = Image.new("L", (200, 100), "white")
            >>> ImageDraw.Draw(picture).text((20, 5), "2 5", font_size=80)
            >>> stages = find_digits(picture).stages
            >>> [row.shape for row in stages.seen_rows()] == [(40, 2 * len(stages.rows[0].columns))]
            True
        """
        return [line_reader.row_of(row.line) for row in self.rows]

    def numbered_rows(self) -> np.ndarray:
        """The number of the row, from 1, that each of the page's pixels belongs to: uint8 (h, w), 0 where none.

        Example:
            >>> from PIL import Image, ImageDraw
            >>> from digit_core import find_digits
            >>> picture = Image.new("L", (200, 100), "white")
            >>> ImageDraw.Draw(picture).text((20, 5), "2 5", font_size=80)
            >>> stages = find_digits(picture).stages
            >>> sorted({*stages.numbered_rows().ravel().tolist()})
            [0, 1]
        """
        return self._numbered([list(row.line.pieces) for row in self.rows])

    def numbered_parts(self) -> np.ndarray:
        """The number of the part, from 1 along its row, that each of the page's pixels belongs to: uint8 (h, w), 0 where none.

        Example:
            >>> from PIL import Image, ImageDraw
            >>> from digit_core import find_digits
            >>> picture = Image.new("L", (200, 100), "white")
            >>> ImageDraw.Draw(picture).text((20, 5), "2 5", font_size=80)
            >>> stages = find_digits(picture).stages
            >>> int(stages.numbered_parts().max()) == len(stages.rows[0].parts)
            True
        """
        numbered = np.zeros(self.page.ink.shape, np.uint8)
        for row in self.rows:
            numbered = np.maximum(numbered, self._numbered([[part] for part in row.parts]))
        return numbered

    def _numbered(self, groups: list[list[Piece]]) -> np.ndarray:
        numbered = np.zeros(self.page.ink.shape, np.uint8)
        for number, pieces in enumerate(groups, 1):
            for piece in pieces:
                under = numbered[piece.top : piece.bottom, piece.left : piece.right]
                under[piece.ink > 0] = min(number, 255)
        return numbered
