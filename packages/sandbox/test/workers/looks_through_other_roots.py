import os


def run(inputs, options):
    here = sorted(os.listdir("/"))
    odd = []
    for process in [name for name in os.listdir("/proc") if name.isdigit()]:
        for way in ("root", "cwd/..", "root/.."):
            try:
                there = sorted(os.listdir(f"/proc/{process}/{way}"))
            except OSError:
                continue
            if there != here:
                odd.append(f"{process}/{way}: {there}")
    return {"odd.txt": "\n".join(odd)}
