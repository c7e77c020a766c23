import pathlib


def run(inputs, options):
    marks = [pathlib.Path(folder, "mark") for folder in ("/tmp", "/dev/shm")]
    found = [str(mark) for mark in marks if mark.exists()]
    for mark in marks:
        mark.write_text("was here")
    return {"found.txt": ",".join(found), **inputs}
