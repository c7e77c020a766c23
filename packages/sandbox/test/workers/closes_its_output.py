import os
import sys


def run(inputs, options):
    sys.stdout.close()
    sys.stderr.close()
    os.close(1)
    os.close(2)
    return {"a.txt": "fine"}
