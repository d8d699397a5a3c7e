"""Reads pictures by RapidOCR (PP-OCR's networks on ONNX Runtime), in whose Python it runs: see `whole_numbers.py --rapidocr`.

A line in is a PNG in base64; a line out is JSON: what is read, line by line, from top to bottom.
"""

import base64
import json
import sys

import cv2
import numpy as np
from rapidocr_onnxruntime import RapidOCR


def in_lines(found: list) -> list[str]:
    """The texts in reading order: what stands beside one another is one line."""
    lines: list[list] = []
    for corners, text, _ in sorted(found, key=lambda one: np.mean(one[0], axis=0)[1]):
        (left, middle), height = np.mean(corners, axis=0), np.ptp(corners, axis=0)[1]
        if lines and abs(middle - lines[-1][-1][1]) < height / 2:
            lines[-1].append((left, middle, text))
        else:
            lines.append([(left, middle, text)])
    return ["".join(text for _, _, text in sorted(line)) for line in lines]


if __name__ == "__main__":
    read = RapidOCR()
    for line in sys.stdin:
        picture = cv2.imdecode(np.frombuffer(base64.b64decode(line), np.uint8), cv2.IMREAD_COLOR)
        found, _ = read(picture)
        print(json.dumps(in_lines(found or [])), flush=True)
