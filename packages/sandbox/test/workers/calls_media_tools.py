import ctypes
import glob
import subprocess


def attempt(command):
    try:
        return subprocess.run(command, capture_output=True).returncode
    except OSError as error:
        return type(error).__name__


def load(pattern):
    for path in sorted(glob.glob(f"/usr/lib/*/{pattern}")):
        try:
            ctypes.CDLL(path)
            return True
        except OSError:
            pass
    return False


def run(inputs, options):
    commands = (["ffmpeg", "-version"], ["convert", "-version"], ["vips", "--version"], ["gs", "--version"])
    found = {command[0]: attempt(command) for command in commands}
    found["libMagick"] = load("libMagickCore*.so*")
    found["libvips"] = load("libvips.so*")
    found["libgs"] = load("libgs.so*")
    return {"found.txt": repr(found)}
