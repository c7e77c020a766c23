import datetime as dt
import time


def tick(ctx):
    day = dt.date(2026, 11, 21)
    moment = dt.datetime.strptime("2026-11-21 10:00:00", "%Y-%m-%d %H:%M:%S").replace(tzinfo=dt.timezone.utc)
    later = moment + dt.timedelta(hours=3, minutes=15)
    parsed = time.strptime("21 Nov 2026", "%d %b %Y")
    return day.isoformat(), later.strftime("%H:%M"), (later - moment).total_seconds(), parsed.tm_yday, time.time() > 0, day.weekday()
