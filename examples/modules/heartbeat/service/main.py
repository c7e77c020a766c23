"""Beats every few seconds. Everything it has to remember is in ctx.state, so it may be ended at any moment."""

import datetime
import math

LINE_MAX = 60


def setup(ctx):
    ctx.log.info(f"starting, {ctx.state.get('beats', 0)} beats so far")


def tick(ctx):
    beats = ctx.state.get("beats", 0) + 1
    ctx.state.set("beats", beats)
    line = [*ctx.state.get("line", []), round(60 + 10 * math.sin(beats / 4), 2)][-LINE_MAX:]
    ctx.state.set("line", line)
    ctx.monitor.number("Beats", beats)
    ctx.monitor.line_chart("Pulse", line)
    ctx.monitor.table("Lately", [{"beat": beats - at, "pulse": value} for at, value in enumerate(reversed(line[-5:]))])
    if beats % 10 == 0:
        now = datetime.datetime.now(datetime.timezone.utc)
        ctx.files.write("last.txt", f"{beats} beats at {now:%Y-%m-%d %H:%M:%S} UTC\n")
    print("beat", beats)


def on_error(ctx, error):
    ctx.log.error(f"skipped a beat: {error}")
