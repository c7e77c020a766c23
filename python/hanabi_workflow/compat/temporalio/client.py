import sys

from hanabi_workflow import client

sys.modules[__name__] = client
