import a_library_that_nobody_has


def run(inputs, options):
    return {}
