"""The network of a training and how it learns, in plain Keras."""

from dataclasses import asdict
from typing import Any

from digit_core.codegen import excerpts
from digit_core.codegen.excerpts import Section, joined, literal
from digit_core.digits import SIDE
from digit_core.recipes import precision
from digit_core.recipes.configuration import OPTIMIZER_NAMES, TrainingConfig
from digit_core.recipes.layers import Convolution, Dense, Dropout, Flatten, Layer, Pooling
from digit_core.recipes.precision import POLICIES

_WITH_MOMENTUM = ("sgd", "rmsprop")


def sections(config: TrainingConfig) -> tuple[Section, ...]:
    """From the network to the weights that are kept."""
    return (_network(config), _rules(config), _training(config))


def _call(name: str, *positional: str, **named: Any) -> list[str]:
    """A call of Keras within a list, an argument a line."""
    arguments = [*positional, *(f"{key}={literal(value)}" for key, value in named.items())]
    return [f"keras.callbacks.{name}(", *(f"    {argument}," for argument in arguments), "),"]


def _layer(layer: Layer, numbers: str) -> str:
    """A layer as Keras writes it, with what it counts in; what is Keras' default is left out."""
    name, arguments = _parts(layer)
    return f"{name}({', '.join([*arguments, *([numbers] if numbers else [])])})"


def _parts(layer: Layer) -> tuple[str, list[str]]:
    """Keras' name for a layer, and its arguments."""
    match layer:
        case Convolution():
            strides = [] if layer.strides == 1 else [f"strides={layer.strides}"]
            padding = [] if layer.padding == "valid" else [f"padding={literal(layer.padding)}"]
            sizes = [str(layer.filters), str(layer.size)]
            return "Conv2D", [*sizes, *strides, *padding, *_activation(layer.activation)]
        case Pooling():
            return "MaxPooling2D", [str(layer.size)]
        case Flatten():
            return "Flatten", []
        case Dropout():
            return "Dropout", [literal(layer.rate)]
        case Dense():
            return "Dense", [str(layer.units), *_activation(layer.activation)]
    raise TypeError(f"There is no Keras code for a {type(layer).__name__}.")


def _activation(name: str) -> list[str]:
    return [] if name == "linear" else [f"activation={literal(name)}"]


def _network(config: TrainingConfig) -> Section:
    network = config.network
    is_short = config.precision != "float32"
    *inner, answer = network.summary()
    layers = [
        f"        keras.Input(({SIDE}, {SIDE}, 1)),",
        *(
            f"        keras.layers.{_layer(step.layer, 'dtype=numbers' if is_short else '')},"
            for step in inner
        ),
        f"        keras.layers.{_layer(answer.layer, '')},",
    ]
    text = f"{network.parameters:,} parameters to learn. The last layer gives ten probabilities, one for each digit."
    seed = "keras.utils.set_random_seed(SEED)"
    if not is_short:
        code = joined(seed, "model = keras.Sequential(", "    [", layers, "    ]", ")", "model.summary()")
        return Section("The network", text, code)
    found = excerpts.excerpt([precision], "has_bfloat16")
    code = joined(
        found.code,
        [
            "",
            "",
            "def network(numbers):",
            '    """The network. All its layers except the last compute in these numbers."""',
        ],
        "    return keras.Sequential(",
        "        [",
        [f"    {line}" for line in layers],
        "        ]",
        "    )",
        ["", ""],
        seed,
        f'model = network("{POLICIES[config.precision]}" if has_bfloat16() else "float32")',
        "model.summary()",
    )
    text += " It is trained in 16-bit numbers where the processor supports them, which is quicker. Its weights always have 32 bits."
    return Section("The network", text, code, found.imports)


_FACTORS = {
    "cosine": (
        "falls to zero along a cosine curve",
        ["        factor = (1 + math.cos(math.pi * progress)) / 2"],
    ),
    "one-cycle": (
        "rises for three tenths of the training, then falls to zero",
        [
            "        if progress < 0.3:",
            "            factor = 0.04 + 0.96 * (1 - math.cos(math.pi * progress / 0.3)) / 2",
            "        else:",
            "            factor = (1 + math.cos(math.pi * (progress - 0.3) / (1 - 0.3))) / 2",
        ],
    ),
}


def _schedule(name: str) -> list[str]:
    document, factor = _FACTORS[name]
    return [
        "class Schedule(keras.callbacks.Callback):",
        f'    """The learning rate {document}."""',
        "",
        "    def on_train_begin(self, logs=None):",
        "        self.step = 0",
        "",
        "    def on_train_batch_begin(self, batch, logs=None):",
        '        progress = self.step / (self.params["steps"] * self.params["epochs"])',
        *factor,
        "        self.model.optimizer.learning_rate = LEARNING_RATE * factor",
        "        self.step += 1",
        "",
        "",
    ]


def compiling(model: str, config: TrainingConfig) -> list[str]:
    """Give the model of that name its optimizer, loss and metric."""
    momentum = f", momentum={literal(config.momentum)}" if config.optimizer in _WITH_MOMENTUM else ""
    return [
        f"{model}.compile(",
        f"    optimizer=keras.optimizers.{OPTIMIZER_NAMES[config.optimizer]}(learning_rate=LEARNING_RATE{momentum}),",
        f"    loss={literal(config.loss)},",
        '    metrics=["accuracy"],',
        ")",
    ]


def _rules(config: TrainingConfig) -> Section:
    rules = ["keras.callbacks.TerminateOnNaN(),  # once the loss is no longer a number, it never recovers"]
    if config.keeps_best_weights:
        best = {"monitor": "val_loss", "save_best_only": True, "save_weights_only": True}
        rules += _call("ModelCheckpoint", "BEST_WEIGHTS", **best)
    if config.reduce_lr_on_plateau:
        rules += _call("ReduceLROnPlateau", **asdict(config.reduce_lr_on_plateau))
    if config.early_stopping:
        rules += _call("EarlyStopping", **asdict(config.early_stopping))
    if config.schedule != "constant":
        rules.append("Schedule(),")
    code = joined(
        _schedule(config.schedule) if config.schedule != "constant" else [],
        compiling("model", config),
        [
            'BEST_WEIGHTS = "best.weights.h5"',
            "Path(BEST_WEIGHTS).unlink(missing_ok=True)  # from an earlier training",
        ]
        if config.keeps_best_weights
        else [],
        "rules = [",
        [f"    {rule}" for rule in rules],
        "]",
    )
    text = "The loss says how wrong the answers are. The optimizer changes the weights so that the loss falls. The rules watch the training."
    return Section("How to learn", text, code)


def _training(config: TrainingConfig) -> Section:
    code = joined(
        "history = model.fit(",
        "    Batches(),",
        "    validation_data=(to_input(validation_images), validation_labels),",
        "    validation_batch_size=500,",
        "    epochs=EPOCHS,",
        "    shuffle=False,  # Batches does that",
        "    callbacks=rules,",
        "    verbose=2,  # one line per epoch",
        ")",
        ["model.load_weights(BEST_WEIGHTS)  # back to the epoch with the lowest validation loss"]
        if config.keeps_best_weights
        else [],
    )
    return Section("Training", "Each epoch goes through all training digits once.", code)
