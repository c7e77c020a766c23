"""By names without a place in the file system, and by the paths that daemons of a machine listen on."""

import socket

PATHS = ["/run/docker.sock", "/var/run/docker.sock", "/run/containerd/containerd.sock", "/run/systemd/private"]
PATHS += ["/run/dbus/system_bus_socket", "/run/systemd/journal/socket", "/run/systemd/notify", "/dev/log"]


def run(inputs, options):
    with open("/proc/net/unix") as file:
        listed = [line.split()[-1].replace("@", "\0") for line in file.readlines()[1:] if "@" in line]
    met = []
    for address in [*PATHS, *listed, f"\0{options['abstract']}"]:
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
            with socket.socket(socket.AF_UNIX, kind) as client:
                try:
                    client.connect(address)
                    met.append(address.replace("\0", "@"))
                except OSError:
                    pass
    return {"met.txt": ",".join(met)}
