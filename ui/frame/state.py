"""What pages share for one visitor: one constant a key, plain values only.

Widgets that are to outlast a change of page have their key here and persist_state="session"; where anything else changes
their value as well, the value is here and `held.in_session` ties them to it. No widget's key is ever set by hand.
"""

MODEL = "model"  # the name of the model in use: a shipped one's, or `Run.model`
NOW_IN_USE = "now_in_use"  # whether the page has to say that another model is in use now
OWN_MODELS = "own_models"  # the runs' models that this visitor has used in this session: names, in a tuple
DRAW_VIEW = "draw"  # in the address: which view of the page Draw is shown
DRAWING = "drawing"  # the canvas of the Draw page: see ui/canvas/drawing.py
DRAWING_WAY = "drawing_way"  # with a pen or square by square: see ui/canvas/canvas.py
PICTURES = "pictures"  # that were read on the Draw page: see ui/draw/pictures.py
NUMBERS = "numbers"  # that were found on a drawing and on a picture: see ui/draw/number_record.py
NUMBER_WAY = "number_way"  # which of the two is shown
WIDE_DRAWING = "wide_drawing"  # the canvas for a whole number
WIDE_STROKE_WIDTH = "wide_stroke_width"  # pixels of it
STROKE_WIDTH = "stroke_width"  # pixels of the canvas
TAB = "tab"  # the name of the browser's tab, see ui/components/browser_tab.py
VISITOR = "visitor"  # the id of the visitor: see ui/components/visitor.py
VOTE_FAILURE = "vote_failure"  # of the last press: the digit and a sentence, see ui/digits/votes.py
TEST_NUMBER = "test_number"  # which test digit is shown, 0 to 9,999
INSIDE_VIEW = "inside"  # in the address: which view of the page Inside is shown
INSIDE_DIGIT = "inside_digit"  # whether it looks at one's drawing, a test digit, or a chosen one
CHOSEN_DIGIT = "chosen_digit"  # which digit that is: see ui/digits/chosen_digit.py
TRAIN_VIEW = "train"  # in the address: which view of the page Train is shown
SETUP = "setup"  # the form of a training: see ui/train/setup/draft.py
SETUP_FAILURE = "setup_failure"  # why settings that were pasted as text were not taken: sentences
TEACHER_CODE = "teacher_code"  # as typed; it is compared in `digit_core.storage.visitors` alone
STEERING_FAILURE = "steering_failure"  # of the last press: the run, a sentence and when
PAUSE_SEEN = "pause_seen"  # the run that was seen paused, and since when
RUNS_CHOSEN = "runs_chosen"  # keys of the runs and models that are looked at or compared
RUNS_LISTED = "runs_listed"  # whose runs the table shows
RUN_DELETED = "run_deleted"  # the id and the name of the run that was deleted last, to be brought back
RUN_FAILURE = "run_failure"  # of the last press in the history: a sentence
FILES_MADE = "files_made"  # pairs of a model's name and a format that a worker made for this visitor
IMPORTED = "imported"  # a model file that was opened here: see ui/train/model_import.py
HELD = "held"  # the keys of the widgets whose value is kept elsewhere: see ui/frame/held.py
ADDRESS = "address"  # what is known of the page's address: see ui/frame/address.py
DIFFERENCE = "difference_chosen"  # the cell chosen where two models differ: (true digit, answer) or None
DRAWING_SET = "drawing_set"  # the id of the set of drawings that this visitor keeps drawings in, or looks at
TAUGHT = "taught"  # what the last press of "It was a ..." did: see ui/draw/teach.py
SET_FAILURE = "set_failure"  # why the last press about a set of drawings did nothing: a sentence
SET_NEWS = "set_news"  # what the last press about a set of drawings did: a sentence
SET_IMPORTED = "set_imported"  # the file that was put into a set last: a rerun does not do it again
ASKED_DIGIT = "asked_digit"  # for which digit "Where it looked" is shown: "answer" or 0 to 9
ASKED_HOW = "asked_how"  # by which method it is shown
ASKED_LAYER = "asked_layer"  # the layer that is looked into: its place in the network
MEANT = "meant"  # what a drawing was meant to be, if it was not what was read: None or 0 to 9
WHY_PART = "why_part"  # the part of "Why this answer?" that is shown
PREPROCESSING_STEPS = (
    "preprocessing_steps"  # those that are taken there: fields of `normalization.PreprocessingSteps`
)
REPLAY = "pen_replay"  # the frames of the drawing that was played last: see ui/inside/replay.py
TEACHER_KEY = "teacher_key"  # with which this browser steers its classes: see ui/classroom/teacher.py
CLASS_REMOTE_ASKED = "class_remote_asked"  # the one-time key in the address by which this phone came
CLASS_REMOTE = "class_remote"  # the one-time key for a phone that is shown now
CLASS_NEWS = "class_news"  # what the last press about a class did: a sentence
CLASS_FAILURE = "class_failure"  # why it did nothing: a sentence
CLASS_DRAWING = "class_drawing"  # the place of the drawing that was chosen on the wall
CLASS_TASKS = "class_tasks"  # the tasks that this teacher wrote, as a file has them: text
CLASS_TASKS_FILE = (
    "class_tasks_file"  # how many files of tasks were brought: the uploader is emptied with each
)
CLASS_KEPT = "class_kept"  # the id of the class whose drawings were kept as a set
CLASS_LEFT = "class_left"  # the id of the closed class that the teacher has put away
JOIN_HEALTH = "join_health"  # whether the pupils' page can be reached at /join: see ui/classroom/joining.py
PUPIL_REPLY = "pupil_reply"  # to the pupil's last message: see ui/classroom/pupil.py
