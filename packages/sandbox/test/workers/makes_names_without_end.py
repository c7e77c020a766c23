import itertools
import os


def run(inputs, options):
    for number in itertools.count():
        os.close(os.open(f"/tmp/{number}", os.O_CREAT))
