import os


def run_streaming(in_dir, out_dir, options):
    hide = options.get("hide", False)
    number = 0
    kept = []
    while True:
        number += 1
        path = f"{out_dir}/{number}" if options.get("many") else f"{out_dir}/{number // 16}"
        file = open(path, "ab", buffering=0)
        if hide:
            kept.append(file)
            os.unlink(path)
        for _ in range(64):
            if file.write(bytes(options.get("step_bytes", 262144))) == 0:
                break
        if not hide:
            file.close()
