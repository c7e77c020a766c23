import sys

from hanabi_workflow import exceptions

sys.modules[__name__] = exceptions
