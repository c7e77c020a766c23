import sys

from hanabi_workflow import activity

sys.modules[__name__] = activity
