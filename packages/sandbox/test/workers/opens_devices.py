import os


def run(inputs, options):
    names = ["mem", "kmem", "port", "kmsg", "sda", "vda", "loop0", "loop-control", "kvm", "fuse", "net/tun", "vsock", "vhost-net"]
    opened = []
    for name in names:
        try:
            os.open(f"/dev/{name}", os.O_RDONLY)
            opened.append(name)
        except OSError:
            pass
    return {"opened.txt": ",".join(opened)}
