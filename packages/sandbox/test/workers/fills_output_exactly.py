def run_streaming(in_dir, out_dir, options):
    left = options["size_bytes"]
    with open(f"{out_dir}/exact.bin", "wb") as file:
        while left > 0:
            left -= file.write(bytes(min(left, 1 << 20)))
