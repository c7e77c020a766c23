"""open is no builtin of the policy."""


def tick(ctx):
    return open("/proc/self/status").read()
