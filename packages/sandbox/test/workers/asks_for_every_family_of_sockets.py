import socket


def run(inputs, options):
    given = set()
    for family in range(64):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
            for ask in (socket.socket, socket.socketpair):
                try:
                    made = ask(family, kind)
                except OSError:
                    continue
                given.add(family)
                for one in made if isinstance(made, tuple) else (made,):
                    one.close()
    return {"given.txt": ",".join(str(int(family)) for family in sorted(given))}
