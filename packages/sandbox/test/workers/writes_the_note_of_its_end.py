import os


def run(inputs, options):
    with open("/proc/1/cmdline", "rb") as file:
        mark = file.read().split(b"\0")[4]
    print("before")
    os.write(2, mark + b"000")
    os.write(4, mark + b"000")
    print("after")
    return {"a.txt": "never"}
