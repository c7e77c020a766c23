def run(inputs, options):
    found = {}
    for path in ("/deps/left.txt", "/deps/alpha.py"):
        try:
            with open(path, "a") as file:
                file.write("VALUE = 'changed'\n")
            found[path] = "written"
        except OSError as error:
            found[path] = error.strerror
    return {"found.txt": repr(found)}
