import subprocess


def run(inputs, options):
    subprocess.run(options["command"], check=True)
    return {}
