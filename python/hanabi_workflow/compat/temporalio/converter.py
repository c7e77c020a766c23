import sys

from hanabi_workflow import converter

sys.modules[__name__] = converter
