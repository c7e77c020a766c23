import os


def run(inputs, options):
    done = []
    for call in (os.setuid, os.setgid, os.seteuid, os.setegid):
        try:
            call(0)
            done.append(call.__name__)
        except OSError:
            pass
    try:
        os.setgroups([0])
        done.append("setgroups")
    except OSError:
        pass
    return {"done.txt": ",".join(done)}
