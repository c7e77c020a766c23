import resource


def run(inputs, options):
    raised = []
    for name in ("CPU", "CORE", "FSIZE", "NOFILE"):
        number = getattr(resource, f"RLIMIT_{name}")
        _, hard = resource.getrlimit(number)
        if hard == resource.RLIM_INFINITY:
            raised.append(f"{name} was not bounded")
            continue
        try:
            resource.setrlimit(number, (hard + 1, hard + 1))
            raised.append(name)
        except (ValueError, OSError):
            pass
    return {"raised.txt": ",".join(raised)}
