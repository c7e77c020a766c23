"""Makes the runner importable, and says where things are."""

import sys
from pathlib import Path

PYTHON = Path(__file__).resolve().parent.parent
FIXTURES = PYTHON.parent / "fixtures"

sys.path.insert(0, str(PYTHON))
