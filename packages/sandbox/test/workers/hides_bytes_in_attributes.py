import os


def run_streaming(in_dir, out_dir, options):
    """Files of no size at all, each with as many attributes as it can hold."""
    number = 0
    while True:
        number += 1
        path = f"{out_dir}/{number % 4000}"
        with open(path, "w"):
            pass
        attribute = 0
        try:
            while True:
                attribute += 1
                os.setxattr(path, f"user.{attribute}", os.urandom(3000))
        except OSError:
            pass
