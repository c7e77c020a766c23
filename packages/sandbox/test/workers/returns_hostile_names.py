NAMES = ["../../x", "/etc/passwd", "a\0b", "", "..", "n" * 300, "A.txt", "a.txt", "a.txt", "C:\\evil.exe", "\ud800", "p" * 100_000]


def run(inputs, options):
    return [(name, str(index)) for index, name in enumerate(NAMES)]
