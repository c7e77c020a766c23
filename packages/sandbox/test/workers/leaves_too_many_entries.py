import os


def run_streaming(in_dir, out_dir, options):
    for number in range(options["count"]):
        path = f"{out_dir}/{number}"
        if options["kind"] == "files":
            open(path, "w").close()
        elif options["kind"] == "folders":
            os.mkdir(path)
        else:
            os.symlink("nowhere", path)
