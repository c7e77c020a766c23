import statistics
from collections import deque

window = deque(maxlen=5)


def tick(ctx):
    for value in (1.5, 2.5, 4.0, 8.0, 16.0, 32.0):
        window.append(value)
    ctx.monitor.line_chart("average", list(window))
    return round(statistics.mean(window), 3), statistics.median(window), max(window)
