import os
import re
import shutil
import subprocess


def run(inputs, options):
    """What was never a file is sealed like any other program."""
    file = os.memfd_create("program", 0)
    with open(shutil.which("cat"), "rb") as source:
        os.write(file, source.read())
    shown = subprocess.run([f"/proc/self/fd/{file}", "/proc/self/status"], pass_fds=[file], capture_output=True, check=True)
    fields = re.findall(rb"^(CapEff|CapBnd|NoNewPrivs|Seccomp):\s*(\S+)", shown.stdout, re.MULTILINE)
    return {"status.txt": b" ".join(b"=".join(field) for field in fields)}
