import numpy as np
import pytest

from digit_core.errors import ModelError
from digit_core.recipes.architectures import Architecture, Convolution, Dense, Flatten, Pooling
from digit_core.training import export, networks


def test_a_network_has_a_layer_for_each_that_is_said() -> None:
    network = Architecture("Small", "", (Pooling(2), Flatten(), Dense(12)))
    model = networks.build(network)
    assert [layer.name for layer in model.layers] == [step.name for step in network.summary()]
    answers = np.asarray(model(np.zeros((2, 28, 28, 1), np.float32)))
    np.testing.assert_allclose(answers.sum(axis=1), 1, atol=1e-6)


def test_weights_do_not_go_into_a_convolution_that_takes_other_steps() -> None:
    """Steps of 2 and of 3 come to 2 x 2 places alike."""
    two, three = (
        Architecture("", "", (Pooling(7), Convolution(2, padding="same", strides=strides), Flatten()))
        for strides in (2, 3)
    )
    start = export.to_keras(networks.build(two))
    model = networks.build(three)
    with pytest.raises(ModelError, match="has other layers than this architecture"):
        networks.take_weights(model, start)
    networks.take_weights(networks.build(two), start)
