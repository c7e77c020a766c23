"""When memory runs out for the machine, someone is killed: it tries to be the last."""


def run(inputs, options):
    with open("/proc/self/oom_score_adj") as file:
        before = int(file.read())
    lowered = []
    for score in (before - 1, 0, -1000):
        try:
            with open("/proc/self/oom_score_adj", "w") as file:
                file.write(str(score))
            lowered.append(str(score))
        except OSError:
            pass
    return {"before.txt": str(before), "lowered.txt": ",".join(lowered)}
