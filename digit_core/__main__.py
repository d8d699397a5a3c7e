"""`python -m digit_core`: the command line."""

import sys

from digit_core.cli.main import main

sys.exit(main())
