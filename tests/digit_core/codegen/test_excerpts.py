"""The project's functions as text: whatever is left out, what is left does the same."""

import ast
import inspect
from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digit_core import digits
from digit_core.augmentation import geometry, intensity, pipeline, policies, rare_forms, writing_styles
from digit_core.augmentation.policies import POLICIES, Distortion
from digit_core.codegen import excerpts
from digit_core.codegen.excerpts import Excerpt
from digit_core.datasets.mnist import Mnist
from digit_core.recipes import precision
from tests.examples import examples

MODULES = (digits, policies, intensity, writing_styles, rare_forms, geometry, pipeline)
ALL = asdict(POLICIES["handwriting, any form"])


def excerpt(distortion: Distortion) -> Excerpt:
    unused = [name for name, amount in asdict(distortion).items() if not amount]
    return excerpts.excerpt(MODULES, "distort", "distortion", unused, given=["Distortion"])


def executed(found: Excerpt) -> dict[str, object]:
    """The names that the excerpt defines, with nothing of this project in reach but the record of amounts."""
    assert not any("digit_core" in statement for statement in found.imports)
    names: dict[str, object] = {"Distortion": Distortion}
    exec("\n".join([*found.imports, found.code]), names)
    return names


@settings(max_examples=examples(25), deadline=None)
@given(chosen=st.sets(st.sampled_from(sorted(ALL))))
def test_an_excerpt_distorts_as_the_project_does(mnist: Mnist, chosen: set[str]) -> None:
    distortion = Distortion(**{name: ALL[name] for name in chosen})
    images, labels = mnist.train.images[:40], mnist.train.labels[:40]
    distort = executed(excerpt(distortion))["distort"]
    np.testing.assert_array_equal(
        distort(images, distortion, np.random.default_rng(1), labels),
        pipeline.distort(images, distortion, np.random.default_rng(1), labels),
    )


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("noise", "def add_noise("),
        ("habits", "def add_styles("),
        ("elastic", "def _elastic("),
        ("recenter", "def _recenter("),
        ("outlier_share", "OUTLIER_FACTOR"),
        ("blur", "lru_cache"),
        ("clean_share", "def _clean("),
        ("low_res_share", "LOW_RES_CELLS"),
        ("square_share", "_SQUARED"),
        ("rare_forms", "def change_forms("),
        ("outlines", "def outline("),
        ("zigzags", "def add_zigzags("),
        ("inversions", "def invert_parts("),
    ],
)
def test_what_a_distortion_needs_stands_there_when_it_is_asked_for_and_else_not(
    name: str, words: str
) -> None:
    with_it, without = replace(Distortion(rotation=3), **{name: ALL[name]}), Distortion(rotation=3)
    assert words in excerpt(with_it).code
    assert words not in excerpt(without).code


def test_the_imports_are_those_that_the_code_rests_on() -> None:
    assert excerpt(Distortion(rotation=3)).imports == ("import cv2", "import numpy as np")
    assert excerpts.excerpt([precision], "has_bfloat16").imports == (
        "from functools import lru_cache",
        "from pathlib import Path",
    )


def test_examples_with_this_package_stay_here() -> None:
    assert ">>> " in inspect.getsource(pipeline.distort)
    code = excerpt(Distortion(rotation=3)).code
    assert ">>>" not in code and "Example" not in code
    docstring = ast.get_docstring(
        next(node for node in ast.parse(code).body if getattr(node, "name", "") == "distort")
    )
    assert docstring and docstring.endswith("writing styles or rare forms without labels.")


def test_no_line_stands_twice() -> None:
    tops = [line for line in excerpt(POLICIES["handwriting"]).code.splitlines() if line[:1].strip(" )]}")]
    assert len(tops) == len(set(tops))


def test_a_function_that_is_not_there_is_no_excerpt() -> None:
    with pytest.raises(KeyError):
        excerpts.excerpt(MODULES, "undistort")
