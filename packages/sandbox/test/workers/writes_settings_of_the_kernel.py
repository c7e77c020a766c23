import os
import stat

OTHERS = ["/proc/sysrq-trigger", "/proc/kcore", "/proc/mtrr", "/proc/scsi/scsi", "/proc/kpagecount", "/proc/timer_list"]


def run(inputs, options):
    opened = []
    settings = [f"{folder}/{name}" for folder, _, names in os.walk("/proc/sys") for name in names]
    settings += [f"{folder}/{name}" for folder, _, names in os.walk("/sys") for name in names]
    for path in settings + OTHERS:
        try:
            file = os.open(path, os.O_WRONLY)
            # Some engines put nothing in the place of what they hide.
            if not stat.S_ISCHR(os.fstat(file).st_mode):
                opened.append(path)
            try:
                os.write(file, options["value"].encode())
            finally:
                os.close(file)
        except OSError:
            pass
    # Also the second way: a file that is only closed by its modes can be opened by its owner.
    for path in settings:
        try:
            os.chmod(path, 0o666)
            opened.append(f"chmod {path}")
        except OSError:
            pass
    return {"opened.txt": "\n".join(opened), "looked.txt": str(len(settings))}
