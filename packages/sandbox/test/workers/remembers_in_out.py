import os


def run_streaming(in_dir, out_dir, options):
    found = sorted(os.listdir(out_dir)) + sorted(os.listxattr(out_dir)) + [oct(os.stat(out_dir).st_mode)]
    os.setxattr(out_dir, "user.left", b"behind")
    os.mkdir(f"{out_dir}/empty")
    with open(f"{out_dir}/found.txt", "w") as file:
        file.write(" ".join(found))
    os.chmod(out_dir, 0o500)
