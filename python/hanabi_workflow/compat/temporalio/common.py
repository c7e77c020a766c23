import sys

from hanabi_workflow import common

sys.modules[__name__] = common
