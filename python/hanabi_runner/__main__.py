"""Started by the host as `python3 -I -S /runner/hanabi_runner/__main__.py`, with the frame channel on two descriptors."""

import sys

RUNNER = "/runner"

sys.path.append(RUNNER)

from hanabi_runner.profiles import job  # noqa: E402

# Everything of the runner is loaded by now; the author's imports do not meet it by accident.
sys.path.remove(RUNNER)
job.main()
