import sys

from hanabi_workflow import workflow

sys.modules[__name__] = workflow
