"""Distil several networks into one: it learns from what they answer and not from the labels alone.

After G. Hinton, O. Vinyals and J. Dean, "Distilling the knowledge in a neural network", 2015; that teachers and student see the
very same distorted pictures is from L. Beyer et al., "Knowledge distillation: a good teacher is patient and consistent",
CVPR 2022.
"""

from collections.abc import Sequence

import keras
import tensorflow as tf

from digit_core.recipes import precision
from digit_core.training import export

LABEL_SHARE = 0.3  # of what the student is to answer; the rest are the teachers' probabilities
_MIN_TRUST = 1e-3  # where all are wrong, all count alike


class Teachers:
    """Trained networks whose mean answer a student learns.

    For each picture a teacher counts as far as it believes the label: one that knows plain digits only has no say on those
    that are distorted beyond it.
    """

    def __init__(self, files: Sequence[bytes], numbers: str = "float32") -> None:
        """Open the networks.

        Args:
            files: at least one .keras file.
            numbers: one of `precision.PRECISIONS`: what they count in.

        Raises:
            ModelError: one cannot be opened.
        """
        self._models = [_counting_in(export.load_keras(content), numbers) for content in files]

    def soften(self, images: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        """What the student is to answer.

        Args:
            images: float32 (n, 28, 28, 1), ink is 1.
            labels: float32 (n, 10), one-hot.

        Returns:
            float32 (n, 10): probabilities.
        """
        answers = tf.stack([tf.cast(model(images, training=False), tf.float32) for model in self._models])
        right = tf.reduce_sum(answers * labels, axis=2, keepdims=True) + _MIN_TRUST  # (teachers, n, 1)
        opinion = tf.reduce_sum(answers * right, axis=0) / tf.reduce_sum(right, axis=0)
        return LABEL_SHARE * labels + (1 - LABEL_SHARE) * opinion


def _counting_in(model: keras.Model, numbers: str) -> keras.Model:
    policy = precision.POLICIES[numbers]
    changed = keras.models.clone_model(
        model,
        clone_function=lambda layer: type(layer).from_config(layer.get_config() | {"dtype": policy}),
    )
    changed.set_weights(model.get_weights())
    return changed
