"""Looks for a text that is given in two halves, so that asking for it does not bring it into memory."""


def run(inputs, options):
    first, second = options["first"].encode(), options["second"].encode()
    hits = searched = 0
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", buffering=0) as memory:
        for line in maps.read().splitlines():
            fields = line.split()
            if "r" not in fields[1] or line.endswith(("[vvar]", "[vsyscall]", "[vvar_vclock]")):
                continue
            start, end = (int(number, 16) for number in fields[0].split("-"))
            try:
                memory.seek(start)
                content = memory.read(end - start)
            except (OSError, OverflowError):
                continue
            searched += len(content)
            at = content.find(first)
            while at >= 0:
                hits += content[at + len(first) : at + len(first) + len(second)] == second
                at = content.find(first, at + 1)
    return {"hits.txt": str(hits), "searched.txt": str(searched)}
