"""What came of a training, in plain Keras, scikit-learn and Matplotlib: curves, test figures, mistakes, and the file."""

from digit_core.codegen import training_code
from digit_core.codegen.excerpts import Section, joined
from digit_core.recipes.configuration import TrainingConfig


def sections(config: TrainingConfig) -> tuple[Section, ...]:
    """From the end of the training to the last line, which says how well the saved model reads the test digits."""
    return (
        _curves(),
        *(() if config.validates_on_test else (_validation(),)),
        _test_digits(config),
        _confusion(),
        _misread(),
        _one_digit(),
        _file(),
    )


def _curves() -> Section:
    code = joined(
        "figure, axes = plt.subplots(1, 2, figsize=(12, 4))",
        'for axis, measure in zip(axes, ("accuracy", "loss"), strict=True):',
        "    epochs = range(1, len(history.history[measure]) + 1)",
        '    axis.plot(epochs, history.history[measure], marker="o", label="training")',
        '    axis.plot(epochs, history.history[f"val_{measure}"], marker="o", label="validation")',
        '    axis.set(title=f"Model {measure}", xlabel="epoch", ylabel=measure)',
        "    axis.legend()",
        "figure.tight_layout()",
        'figure.savefig("curves.png")',
    )
    text = (
        "While both curves get better, the network learns. Where the training curve gets better but the validation curve gets "
        "worse, it learns its training digits by heart: it overfits."
    )
    return Section("Curves", text, code)


def _validation() -> Section:
    code = joined(
        "loss, accuracy = model.evaluate(to_input(validation_images), validation_labels, batch_size=500, verbose=0)",
        'print(f"It reads {accuracy:.2%} of the {len(validation_labels):,} validation digits correctly (loss {loss:.4f}).")',
    )
    text = "This is how well it reads the digits that were held back. If you try other settings, compare them by this figure."
    return Section("The validation digits", text, code)


_JUDGE = '''
def judge(model, images, labels):
    """Ten probabilities for each digit, the mean loss, and the share that the model reads correctly."""
    probabilities = model.predict(to_input(images), batch_size=500, verbose=0)
    loss = np.mean(keras.losses.sparse_categorical_crossentropy(labels, probabilities))
    return probabilities, loss, np.mean(probabilities.argmax(axis=1) == labels)


'''.lstrip()


def _test_digits(config: TrainingConfig) -> Section:
    answering = [
        'answering = network("float32")  # the same weights; it answers in 32-bit numbers',
        "answering.set_weights(model.get_weights())",
        "# Compiled like the model that was trained, so that its file can be evaluated or trained further at once.",
        *training_code.compiling("answering", config),
        "answering.optimizer.build(answering.trainable_variables)",
        "model = answering",
    ]
    code = joined(
        answering if config.precision != "float32" else [],
        "probabilities, loss, accuracy = judge(model, test_images, test_labels)",
        "guesses = probabilities.argmax(axis=1)",
        'print(f"Test accuracy: {accuracy:.4f}")',
        'print(f"Test loss: {loss:.4f}")',
        "print(classification_report(test_labels, guesses, digits=4, zero_division=0))",
    )
    text = (
        "The training was validated on these same digits, so the figures look better than they are."
        if config.validates_on_test
        else "The network did not learn from the test digits, and nothing was chosen with them: these are honest figures."
    )
    text += " Precision: of the digits read as a 4, the share that are a 4. Recall: of all 4s, the share that were read as one."
    return Section("The test digits", text, _JUDGE + code)


def _confusion() -> Section:
    code = joined(
        "figure, axis = plt.subplots(figsize=(8, 8))",
        'ConfusionMatrixDisplay.from_predictions(test_labels, guesses, cmap="Blues", colorbar=False, ax=axis)',
        'axis.set_title("Confusion matrix")',
        'figure.savefig("confusion-matrix.png")',
    )
    text = "Rows: the true digit. Columns: the answer. Correct answers are on the diagonal; all others are mistakes."
    return Section("Confusion matrix", text, code)


def _misread() -> Section:
    code = joined(
        "misread = np.flatnonzero(guesses != test_labels)",
        'print(f"{len(misread):,} of {len(test_labels):,} test digits are misread.")',
        "show_digits(",
        "    test_images[misread[:8]],",
        '    [f"True: {test_labels[number]}, Pred: {guesses[number]}" for number in misread[:8]],',
        "    rows=2,",
        "    columns=4,",
        '    file="misread-digits.png",',
        ")",
    )
    return Section("Misread digits", "The first eight. Would you have read them correctly?", code)


def _one_digit() -> Section:
    code = '''
def predict_digit(model, image):
    """The digit in one picture, and how sure the network is of it, from 0 to 1.

    `image` has the shape (28, 28) or (28, 28, 1); its numbers go from 0 (paper) to 255 (ink).
    """
    probabilities = model.predict(to_input(image.reshape(1, 28, 28)), verbose=0)[0]
    return int(probabilities.argmax()), float(probabilities.max())


NUMBER = 63  # which test digit, 0 to 9,999: try others
digit, confidence = predict_digit(model, test_images[NUMBER])
print(f"Test digit {NUMBER}: the network says {digit} and is {confidence:.1%} sure. It is a {test_labels[NUMBER]}.")
title = f"AI guess: {digit} | actual: {test_labels[NUMBER]}"
show_digits(test_images[[NUMBER]], [title], rows=1, columns=1, file="one-digit.png")
'''
    text = (
        "This function reads one picture. A picture of your own must look like MNIST: light ink on a dark background, 28 by 28 "
        "pixels, with the digit in the middle."
    )
    return Section("Read one digit", text, code.strip())


def _file() -> Section:
    code = joined(
        'model.save("model.keras")',
        'loaded = keras.models.load_model("model.keras")',
        "first_five = loaded.predict(to_input(test_images[:5]), verbose=0).argmax(axis=1)",
        'print("Loaded again, it reads the first five test digits as", first_five, "and they are", test_labels[:5])',
        "_, loss, accuracy = judge(loaded, test_images, test_labels)",
        'print(f"It reads {accuracy:.2%} of the {len(test_labels):,} test digits correctly (loss {loss:.4f}).")',
    )
    text = "A file lets you share the model or train it further. The loaded model reads as well as the saved one."
    return Section("Save it and load it again", text, code)
