"""The kinds of layer that a model from elsewhere may have: their settings, shapes and weights, read as data."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from digit_core.errors import number_sentences
from digit_core.model_import.layer_settings import PADDINGS, Fields, Shape

_MAX_FILTERS, _MAX_UNITS, _MAX_WINDOW = 1_024, 8_192, 28


@dataclass(frozen=True)
class Built:
    """What a layer comes to behind the one before it.

    Attributes:
        settings: the arguments of its Keras class, each of them checked; none is passed on unread.
        output_shape: of one digit, without the batch.
        weights: the shapes of its arrays, in Keras' order.
    """

    settings: dict[str, Any]
    output_shape: Shape
    weights: tuple[Shape, ...] = ()


@dataclass(frozen=True)
class Kind:
    """A kind of layer.

    Attributes:
        noun: what the layer is called here, with a number behind it.
        build: its checked settings, shape and weights, given the shape before it.
        file_key: its name in the weights of a .keras file; "" if it has none.
    """

    noun: str
    build: Callable[[Fields, Shape], Built]
    file_key: str = ""


def _slid(fields: Fields, size: int, window: int, stride: int, padding: str, dilation: int = 1) -> int:
    """How many places a window has along one side."""
    places = -(-size // stride) if padding == "same" else (size - dilation * (window - 1) - 1) // stride + 1
    if places < 1:
        raise fields.refuse(f"{size} pixels are too few for a window of {window}.")
    return places


def _window(fields: Fields, shape: Shape, name: str, strides: Any) -> tuple[dict[str, Any], int, int]:
    """A window's settings under Keras' names, and how many places it has down and across."""
    height, width, _ = fields.picture(shape)
    window = fields.pair(name, None if name == "kernel_size" else 2, _MAX_WINDOW)
    steps = fields.pair("strides", strides or window, _MAX_WINDOW)
    padding = fields.choice("padding", "valid", PADDINGS)
    settings: dict[str, Any] = {name: window, "strides": steps, "padding": padding}
    spread = (1, 1)
    if name == "kernel_size":
        settings["dilation_rate"] = spread = fields.pair("dilation_rate", 1, _MAX_WINDOW)
        if max(spread) > 1 and max(steps) > 1:
            raise fields.refuse("strides and dilation_rate cannot both be larger than 1.")
    down = _slid(fields, height, window[0], steps[0], padding, spread[0])
    return settings, down, _slid(fields, width, window[1], steps[1], padding, spread[1])


def _convolution(fields: Fields, shape: Shape) -> Built:
    settings, down, across = _window(fields, shape, "kernel_size", 1)
    filters = fields.whole("filters", None, _MAX_FILTERS)
    groups = fields.whole("groups", 1, _MAX_FILTERS)
    if shape[2] % groups or filters % groups:
        raise fields.refuse(f"{groups} groups do not divide {shape[2]} channels into {filters} filters.")
    has_bias = fields.flag("use_bias", True)
    settings |= {
        "filters": filters,
        "groups": groups,
        "use_bias": has_bias,
        "activation": fields.activation(),
    }
    kernel = (*settings["kernel_size"], shape[2] // groups, filters)
    return Built(settings, (down, across, filters), (kernel, (filters,)) if has_bias else (kernel,))


def _depthwise(fields: Fields, shape: Shape) -> Built:
    settings, down, across = _window(fields, shape, "kernel_size", 1)
    multiplier = fields.whole("depth_multiplier", 1, 64)
    has_bias = fields.flag("use_bias", True)
    settings |= {
        "depth_multiplier": multiplier,
        "use_bias": has_bias,
        "activation": fields.activation(),
    }
    channels = shape[2] * multiplier
    kernel = (*settings["kernel_size"], shape[2], multiplier)
    return Built(settings, (down, across, channels), (kernel, (channels,)) if has_bias else (kernel,))


def _separable(fields: Fields, shape: Shape) -> Built:
    depthwise = _depthwise(fields, shape)
    if depthwise.settings["strides"][0] != depthwise.settings["strides"][1]:
        raise fields.refuse("Its strides must be the same down and across.")
    filters = fields.whole("filters", None, _MAX_FILTERS)
    down, across, channels = depthwise.output_shape
    weights = (depthwise.weights[0], (1, 1, channels, filters), (filters,))
    has_bias = depthwise.settings["use_bias"]
    return Built(
        depthwise.settings | {"filters": filters},
        (down, across, filters),
        weights if has_bias else weights[:2],
    )


def _pooling(fields: Fields, shape: Shape) -> Built:
    settings, down, across = _window(fields, shape, "pool_size", None)
    return Built(settings, (down, across, shape[2]))


def _global_pooling(fields: Fields, shape: Shape) -> Built:
    channels = fields.picture(shape)[2]
    keeps = fields.flag("keepdims", False)
    return Built({"keepdims": keeps}, (1, 1, channels) if keeps else (channels,))


def _flatten(fields: Fields, shape: Shape) -> Built:
    fields.must_be("data_format", "channels_last")
    return Built({}, (math.prod(shape),))


def _reshape(fields: Fields, shape: Shape) -> Built:
    target = fields.raw("target_shape")
    if not isinstance(target, list) or not 1 <= len(target) <= 4:
        raise fields.refuse("target_shape is a list of one to four whole numbers.")
    sizes = [_size(fields, size) for size in target]
    known = math.prod(size for size in sizes if size != -1)
    if sizes.count(-1) == 1 and math.prod(shape) % known == 0:
        sizes[sizes.index(-1)] = math.prod(shape) // known
    if -1 in sizes or math.prod(sizes) != math.prod(shape):
        raise fields.refuse(f"{math.prod(shape):,} numbers cannot be put into the shape {target}.")
    return Built({"target_shape": tuple(sizes)}, tuple(sizes))


def _size(fields: Fields, size: object) -> int:
    """A size of a reshape: a whole number, or -1 for "what is left"."""
    if size != -1 and (sentences := number_sentences("size", size, 1, _MAX_UNITS * 28, is_whole=True)):
        raise fields.refuse(sentences[0])
    return int(size)  # type: ignore[call-overload]


def _dense(fields: Fields, shape: Shape) -> Built:
    units = fields.whole("units", None, _MAX_UNITS)
    has_bias = fields.flag("use_bias", True)
    fields.must_be("lora_rank", None)
    kernel = (shape[-1], units)
    settings = {"units": units, "use_bias": has_bias, "activation": fields.activation()}
    return Built(settings, (*shape[:-1], units), (kernel, (units,)) if has_bias else (kernel,))


def _dropout(fields: Fields, shape: Shape) -> Built:
    rate = fields.number("rate", 0.5, 0)
    if rate >= 1:
        raise fields.refuse("rate is less than 1.")
    return Built({"rate": rate}, shape)


def _noise(fields: Fields, shape: Shape) -> Built:
    return Built({"stddev": fields.number("stddev", 1, 0)}, shape)


def _along_the_last_axis(fields: Fields, shape: Shape) -> None:
    axis = fields.raw("axis")
    last = (None, -1, len(shape), [-1], [len(shape)])
    if isinstance(axis, bool) or axis not in last:
        raise fields.refuse(f"axis is -1 here, not {axis!r}.")


def _batch_normalization(fields: Fields, shape: Shape) -> Built:
    _along_the_last_axis(fields, shape)
    fields.must_be("renorm", False)
    settings = {
        "epsilon": fields.number("epsilon", 1e-3, 0),
        "momentum": fields.number("momentum", 0.99, 0),
        "center": fields.flag("center", True),
        "scale": fields.flag("scale", True),
    }
    arrays = 2 + settings["center"] + settings["scale"]
    return Built(settings, shape, ((shape[-1],),) * int(arrays))


def _layer_normalization(fields: Fields, shape: Shape) -> Built:
    _along_the_last_axis(fields, shape)
    fields.must_be("rms_scaling", False)
    settings = {
        "epsilon": fields.number("epsilon", 1e-3, 0),
        "center": fields.flag("center", True),
        "scale": fields.flag("scale", True),
    }
    return Built(settings, shape, ((shape[-1],),) * int(settings["center"] + settings["scale"]))


def _activation(fields: Fields, shape: Shape) -> Built:
    return Built({"activation": fields.activation()}, shape)


def _relu(fields: Fields, shape: Shape) -> Built:
    ceiling = fields.raw("max_value")
    return Built(
        {
            "max_value": None if ceiling is None else fields.number("max_value", 0, 0),
            "negative_slope": fields.number("negative_slope", 0, 0),
            "threshold": fields.number("threshold", 0, 0),
        },
        shape,
    )


def _leaky_relu(fields: Fields, shape: Shape) -> Built:
    slope = fields.number("negative_slope", fields.number("alpha", 0.3, 0), 0)  # Keras 2 called it alpha
    return Built({"negative_slope": slope}, shape)


def _elu(fields: Fields, shape: Shape) -> Built:
    return Built({"alpha": fields.number("alpha", 1, 0)}, shape)


def _softmax(fields: Fields, shape: Shape) -> Built:
    _along_the_last_axis(fields, shape)
    return Built({}, shape)


def _zero_padding(fields: Fields, shape: Shape) -> Built:
    height, width, channels = fields.picture(shape)
    padding = fields.raw("padding")
    sides = padding if isinstance(padding, list) else [padding, padding]
    both = [side if isinstance(side, list) else [side, side] for side in sides]
    if len(both) != 2 or any(len(side) != 2 for side in both):
        raise fields.refuse("padding is one number, two, or two for each side.")
    for number in (*both[0], *both[1]):
        if sentences := number_sentences("padding", number, 0, _MAX_WINDOW, is_whole=True):
            raise fields.refuse(sentences[0])
    shape = (height + sum(both[0]), width + sum(both[1]), channels)
    return Built({"padding": (tuple(both[0]), tuple(both[1]))}, shape)


def _rescaling(fields: Fields, shape: Shape) -> Built:
    return Built({"scale": fields.number("scale", 1), "offset": fields.number("offset", 0)}, shape)


KINDS = {
    "Conv2D": Kind("convolution", _convolution, "conv2d"),
    "DepthwiseConv2D": Kind("depthwise_convolution", _depthwise, "depthwise_conv2d"),
    "SeparableConv2D": Kind("separable_convolution", _separable, "separable_conv2d"),
    "MaxPooling2D": Kind("pooling", _pooling),
    "AveragePooling2D": Kind("average_pooling", _pooling),
    "GlobalAveragePooling2D": Kind("global_average", _global_pooling),
    "GlobalMaxPooling2D": Kind("global_maximum", _global_pooling),
    "Flatten": Kind("flatten", _flatten),
    "Reshape": Kind("reshape", _reshape),
    "Dense": Kind("dense", _dense, "dense"),
    # Those that do nothing when a model answers are all called dropout: Classifier knows by it where they stand.
    "Dropout": Kind("dropout", _dropout),
    "SpatialDropout2D": Kind("dropout", _dropout),
    "GaussianDropout": Kind("dropout", _dropout),
    "AlphaDropout": Kind("dropout", _dropout),
    "GaussianNoise": Kind("dropout", _noise),
    "BatchNormalization": Kind("batch_normalization", _batch_normalization, "batch_normalization"),
    "LayerNormalization": Kind("layer_normalization", _layer_normalization, "layer_normalization"),
    "Activation": Kind("activation", _activation),
    "ReLU": Kind("activation", _relu),
    "LeakyReLU": Kind("activation", _leaky_relu),
    "ELU": Kind("activation", _elu),
    "Softmax": Kind("activation", _softmax),
    "ZeroPadding2D": Kind("padding", _zero_padding),
    "Rescaling": Kind("rescaling", _rescaling),
}
