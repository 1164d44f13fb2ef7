"""The read side, and the Django project."""

import sys
from pathlib import Path

# The probe is a distribution of its own, for services to install. Here it is used from where it lies, behind
# everything else: whatever starts the product imports this package first.
PROBE = str(Path(__file__).resolve().parents[1] / "ingest" / "probe")
if PROBE not in sys.path:
    sys.path.append(PROBE)
