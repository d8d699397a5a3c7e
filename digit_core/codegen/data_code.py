"""The digits of a training in plain Python: read, split, distorted and put in batches."""

import inspect
import re
from dataclasses import asdict, replace

from digit_core import digits
from digit_core.augmentation import geometry, intensity, pipeline, policies, rare_forms, writing_styles
from digit_core.augmentation.policies import Distortion
from digit_core.codegen import excerpts
from digit_core.codegen.excerpts import Section, joined, literal
from digit_core.datasets.mnist import SPLIT_SEED, VALIDATION_SIZE
from digit_core.digits import CLASSES
from digit_core.recipes.configuration import MAX_DIGITS, TrainingConfig

# Where the functions are, lowest first.
_DISTORTING = (digits, policies, intensity, writing_styles, rare_forms, geometry, pipeline)


def sections(config: TrainingConfig, file_expression: str) -> tuple[Section, ...]:
    """From the file to the batches.

    Args:
        config: what to train.
        file_expression: Python that gives the name of the file of digits.
    """
    is_distorted = config.augmentation != Distortion()
    return (
        _digits(file_expression),
        _samples(),
        _split(config),
        *([_distortion(config.augmentation)] if is_distorted else []),
        _batches(config, is_distorted),
    )


def _digits(file_expression: str) -> Section:
    code = f"""
MNIST_FILE = Path({file_expression})

if MNIST_FILE.exists():
    with np.load(MNIST_FILE) as file:
        # Digit Lab's names for the four arrays, or those in the file that Keras fetches.
        names = ("train_images", "train_labels", "test_images", "test_labels")
        if "x_train" in file:
            names = ("x_train", "y_train", "x_test", "y_test")
        images, labels, test_images, test_labels = (file[name] for name in names)
else:
    (images, labels), (test_images, test_labels) = keras.datasets.mnist.load_data()

print("To learn from:", images.shape, "with labels", labels.shape)
print("To test on:", test_images.shape, "with labels", test_labels.shape)
print(f"Pixels from {{images.min()}} to {{images.max()}}; {{len(np.unique(labels))}} different digits.")
"""
    text = (
        "MNIST: 60,000 digits to learn from and 10,000 to test on, as numbers from 0 (paper) to 255 (ink). Put Digit Lab's "
        "data/mnist.npz beside this file; without it Keras downloads the same digits (11 MB)."
    )
    return Section("The digits", text, code.strip())


def _samples() -> Section:
    code = '''
def show_digits(digits, titles, rows, columns, file):
    """Draw digits in a grid, each below its title. A notebook shows the grid; it is also saved as a file."""
    figure, axes = plt.subplots(rows, columns, figsize=(2 * columns, 2.2 * rows), squeeze=False)
    for axis in axes.flat:
        axis.axis("off")
    for axis, digit, title in zip(axes.flat, digits, titles, strict=False):
        axis.imshow(digit, cmap="gray", vmin=0, vmax=255)
        axis.set_title(title)
    figure.savefig(file, bbox_inches="tight")


show_digits(images, [f"Label: {label}" for label in labels[:10]], rows=2, columns=5, file="sample-digits.png")
'''
    text = "The first ten digits with their labels. Are the labels right? Could you read the digits?"
    return Section("Look at the digits", text, code.strip())


_DRAW = '''
def split(labels, size, seed):
    """Split the row numbers in two: `size` of them and the rest, with the same mix of digits in both (stratified)."""
    rest, drawn = train_test_split(np.arange(len(labels)), test_size=size, random_state=seed, stratify=labels)
    return np.sort(rest), np.sort(drawn)


'''.lstrip()


def _split(config: TrainingConfig) -> Section:
    first = f"rest, held_back = split(labels, {VALIDATION_SIZE:_}, seed={SPLIT_SEED:_})"
    training = "training_images, training_labels = images[rest], labels[rest]"
    validation = "validation_images, validation_labels = images[held_back], labels[held_back]"
    if config.validates_on_test:
        text = (
            f"{VALIDATION_SIZE:,} digits are left out, as always in Digit Lab. This training is validated on the test digits. "
            "Choices made with them, such as when to stop, make their figures look better than they are."
        )
        lines = [first, training, "validation_images, validation_labels = test_images, test_labels"]
    elif config.validation_share is not None:
        size = round(MAX_DIGITS * config.validation_share)
        text = f"{size:,} digits are held back: the network never learns from them, so they show how well it reads new ones."
        lines = [
            f"# Digit Lab puts {VALIDATION_SIZE:,} digits after all others; the same order gives the same split.",
            f"order = np.concatenate(split(labels, {VALIDATION_SIZE:_}, seed={SPLIT_SEED:_}))",
            "images, labels = images[order], labels[order]",
            f"rest, held_back = split(labels, {size:_}, seed={SPLIT_SEED:_})",
            training,
            validation,
        ]
    else:
        text = (
            f"{VALIDATION_SIZE:,} digits are held back: the network never learns from them, so they show how well it reads "
            "new ones. The test digits are kept for the final report."
        )
        lines = [first, training, validation]
    if (
        config.subset_size is not None
        and config.training_size < replace(config, subset_size=None).training_size
    ):
        lines += [
            "",
            "# Only some of the digits, so that it is quicker.",
            f"_, kept = split(training_labels, {config.subset_size:_}, seed=SEED)",
            "training_images, training_labels = training_images[kept], training_labels[kept]",
        ]
    return Section("Training digits and validation digits", text, _DRAW + joined(lines))


def _distortion(distortion: Distortion) -> Section:
    amounts = asdict(distortion)
    unused = [name for name, amount in amounts.items() if not amount]
    found = excerpts.excerpt(_DISTORTING, "distort", "distortion", unused, given=["Distortion"])
    asked = {name: amount for name, amount in amounts.items() if f"distortion.{name}" in found.code}
    return Section(
        "Distortions",
        "In each epoch, each digit is turned, leaned, bent and so on in a new way, so the network learns what does not matter. "
        "These are Digit Lab's own functions.",
        joined(_record(asked), "", "", found.code),
        ("from dataclasses import dataclass", *found.imports),
    )


def _record(amounts: dict[str, float]) -> list[str]:
    """`Distortion` with these amounts as what its fields are, and what stands about them in its docstring."""
    document = inspect.cleandoc(Distortion.__doc__ or "")
    head, _, rest = document.partition("Attributes:\n")
    attributes, _, _ = rest.partition("\n\n")  # what comes after is an example for those who have the project
    explained = {
        text.partition(":")[0].strip(): text.rstrip() for text in re.split(r"\n(?=    \w+: )", attributes)
    }
    lines = [*head.rstrip().splitlines(), "", "Attributes:"]
    lines += [line for name in amounts for line in explained[name].splitlines()]
    return [
        "@dataclass(frozen=True)",
        "class Distortion:",
        f'    """{lines[0]}',
        *(f"    {line}".rstrip() for line in lines[1:]),
        '    """',
        "",
        *(f"    {name}: float = {literal(amount)}" for name, amount in amounts.items()),
    ]


def _batches(config: TrainingConfig, is_distorted: bool) -> Section:
    is_one_hot = config.loss == "categorical_crossentropy"
    labels = ""
    if config.augmentation.habits or config.augmentation.rare_forms:  # they depend on the digit
        labels = ", training_labels[rows]" + (".argmax(axis=1)" if is_one_hot else "")
    distorting = [
        "        random = np.random.default_rng((SEED, self.epoch, index))",
        f"        images = distort(images, Distortion(), random{labels})",
    ]
    one_hot = [
        "# One-hot: a 3 becomes 0 0 0 1 0 0 0 0 0 0.",
        'print("The first label:", training_labels[0])',
        f"training_labels = keras.utils.to_categorical(training_labels, {CLASSES})",
        f"validation_labels = keras.utils.to_categorical(validation_labels, {CLASSES})",
        'print("The same one-hot:", training_labels[0])',
        "",
        "",
    ]
    code = joined(
        one_hot if is_one_hot else [],
        "def to_input(images):",
        '    """Numbers from 0 to 1, with a last axis for the only colour, grey: (n, 28, 28, 1)."""',
        "    return images[..., None] * np.float32(1 / 255)",
        "",
        "",
        "scaled = to_input(training_images[:100])",
        'print(f"What the network gets: {scaled[0].shape}, pixels from {scaled.min():.1f} to {scaled.max():.1f}")',
        "",
        "",
        "class Batches(keras.utils.PyDataset):",
        '    """The training digits, one batch at a time, in a new order in each epoch."""',
        "",
        "    def __init__(self):",
        "        super().__init__()",
        "        self.epoch = -1",
        "        self.on_epoch_end()",
        "",
        "    def __len__(self):",
        "        return math.ceil(len(training_labels) / BATCH_SIZE)",
        "",
        "    def __getitem__(self, index):",
        "        rows = self.order[index * BATCH_SIZE : (index + 1) * BATCH_SIZE]",
        "        images = training_images[rows]",
        distorting if is_distorted else [],
        "        return to_input(images), training_labels[rows]",
        "",
        "    def on_epoch_end(self):",
        "        self.epoch += 1",
        "        self.order = np.random.default_rng((SEED, self.epoch)).permutation(len(training_labels))",
    )
    text = (
        "The network learns from one batch at a time. Keras could shuffle the digits itself; here the seed decides their order, "
        "so that you can repeat the training."
    )
    return Section("Batches", text, code)
