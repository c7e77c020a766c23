import os
import shutil


def run(inputs, options):
    return {"plain.txt": b"the wrong one"}


def run_streaming(in_dir, out_dir, options):
    names = sorted(os.listdir(in_dir))
    for number, name in enumerate(names):
        yield {"pct": 100 * number / len(names), "message": name}
        yield {"output": name + "\n"}
        shutil.copyfile(f"{in_dir}/{name}", f"{out_dir}/copy of {name}")
    os.makedirs(f"{out_dir}/b/c")
    for folder in ("", "b/", "b/c/"):
        with open(f"{out_dir}/{folder}Same.txt", "w") as file:
            file.write(folder)
    return {"ignored": b""}
