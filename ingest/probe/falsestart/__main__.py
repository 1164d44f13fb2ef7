"""`python -m falsestart`."""

import sys

from falsestart.cli import main

sys.exit(main())
