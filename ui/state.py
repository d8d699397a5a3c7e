"""What pages share for one visitor: one constant a key, plain values only.

Widgets that are to outlast a change of page have their key here and persist_state="session".
"""

MODEL = "model"  # the name of the model in use: a shipped one's, or `Run.model`
OWN_MODELS = "own_models"  # the runs' models that this visitor has used in this session: names, in a tuple
DRAWING = "drawing"  # the canvas of the Draw page: see ui/canvas.py
STROKE_WIDTH = "stroke_width"  # pixels of the canvas
VISITOR = "visitor"  # the id of the visitor: see ui/visitor.py
VOTE_FAILURE = "vote_failure"  # of the last press: the digit and a sentence, see ui/vote_panel.py
TEST_NUMBER = "test_number"  # which test digit is shown, 0 to 9,999
RUN = "run"  # the id of the run that is watched
