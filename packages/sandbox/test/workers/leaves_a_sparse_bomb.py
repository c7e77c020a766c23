def run_streaming(in_dir, out_dir, options):
    with open(f"{out_dir}/sparse.bin", "wb") as file:
        file.truncate(options["size_bytes"])
