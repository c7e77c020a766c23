"""A module beside the workflow, as authors have them: loaded anew for each run."""

import functools
import time

SEEN: list[int] = []


def double(number):
    return number * 2


def clock():
    return time.time()


@functools.cache
def cached():
    SEEN.append(1)
    return len(SEEN)
