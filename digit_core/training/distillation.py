"""Distil several networks into one: it learns from what they answer and not from the labels alone.

After G. Hinton, O. Vinyals and J. Dean, "Distilling the knowledge in a neural network", 2015; that teachers and student see the
very same distorted pictures is from L. Beyer et al., "Knowledge distillation: a good teacher is patient and consistent",
CVPR 2022.
"""

from collections.abc import Sequence

import keras
import tensorflow as tf

from digit_core.recipes.precision import POLICIES
from digit_core.training import export

LABEL_SHARE = 0.3  # of the answers that the student learns; the rest are the teachers' probabilities
_MIN_WEIGHT = 1e-3  # where all are wrong, all count alike


class Teachers:
    """Trained networks whose mean answer a student learns.

    For each picture a teacher's weight is the probability that it gives the label: one that knows plain digits only counts
    little on digits that are distorted too far for it.
    """

    def __init__(self, files: Sequence[bytes], precision: str = "float32") -> None:
        """Open the networks.

        Args:
            files: at least one .keras file.
            precision: one of PRECISIONS, in which they answer.

        Raises:
            ModelError: one cannot be opened.
        """
        self._models = [_in_precision(export.load_keras(content), precision) for content in files]

    def soften(self, images: tf.Tensor, labels: tf.Tensor, is_marked: tf.Tensor) -> tf.Tensor:
        """The answers for the student to learn.

        Args:
            images: float32 (n, 28, 28, 1), ink is 1.
            labels: float32 (n, 10), one-hot.
            is_marked: bool (n,), pictures of a kind that the teachers never saw: of these the labels alone are learnt.

        Returns:
            float32 (n, 10): probabilities.
        """
        answers = tf.stack([tf.cast(model(images, training=False), tf.float32) for model in self._models])
        right = tf.reduce_sum(answers * labels, axis=2, keepdims=True) + _MIN_WEIGHT  # (teachers, n, 1)
        opinion = tf.reduce_sum(answers * right, axis=0) / tf.reduce_sum(right, axis=0)
        label_share = tf.where(is_marked, 1.0, LABEL_SHARE)[:, None]
        return label_share * labels + (1 - label_share) * opinion


def _in_precision(model: keras.Model, precision: str) -> keras.Model:
    policy = POLICIES[precision]
    changed = keras.models.clone_model(
        model,
        clone_function=lambda layer: type(layer).from_config(layer.get_config() | {"dtype": policy}),
    )
    changed.set_weights(model.get_weights())
    return changed
