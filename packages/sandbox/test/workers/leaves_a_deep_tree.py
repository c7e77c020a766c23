import os


def run_streaming(in_dir, out_dir, options):
    os.chdir(out_dir)
    for _ in range(options["depth"]):
        os.mkdir("d" * 200)
        os.chdir("d" * 200)
    open("bottom.txt", "w").close()
