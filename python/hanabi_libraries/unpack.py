"""Unpacks the wheels of one lock into one folder. None of their code runs; their byte code is made here."""

import os
import sys

BUILDER = "/builder"

sys.path.append(BUILDER)

from hanabi_libraries.request import Refused, answer  # noqa: E402
from hanabi_libraries.wheel import Wheel  # noqa: E402

LAYER = "/out/layer"
LAYER_INSIDE = "/deps"


def unpack(request):
    os.mkdir(LAYER)
    wheels = [Wheel(f"/in/{file}", file) for file in request["files"]]
    check_sizes(wheels, request)
    for wheel in wheels:
        for path, info, executable in wheel.files():
            _keep(wheel, f"{LAYER}/{path}", wheel.read(info), executable)
    _compile()
    # The host is about to say that the layer is there for good.
    os.sync()
    return {"files": sum(wheel.count for wheel in wheels)}


def check_sizes(wheels, request):
    """What the archives announce; more than that is never read of them."""
    count = sum(wheel.count for wheel in wheels)
    size_bytes = sum(wheel.size_bytes for wheel in wheels)
    if count > request["files_max"]:
        raise Refused(f"the libraries have {count} files together, more than {request['files_max']}")
    if size_bytes > request["bytes_max"]:
        raise Refused(f"the libraries have {size_bytes} bytes together, more than {request['bytes_max']}")


def _keep(wheel, target, pieces, executable):
    try:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "xb") as file:
            for piece in pieces:
                file.write(piece)
    except FileExistsError:
        if not _is_same(target, pieces):
            name = ascii(target.removeprefix(f"{LAYER}/"))[1:-1]
            raise wheel.refused(f'another library has a different "{name}"') from None
    except NotADirectoryError:
        raise wheel.refused("another library has a file where it has a folder") from None
    if executable:
        os.chmod(target, 0o755)


def _is_same(target, pieces):
    if not os.path.isfile(target):
        return False
    with open(target, "rb") as file:
        return all(file.read(len(piece)) == piece for piece in pieces) and not file.read(1)


def _compile():
    """Compiling in each job would cost more than the job. What does not compile tells so when it is imported."""
    import compileall
    import py_compile

    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    compileall.compile_dir(LAYER, ddir=LAYER_INSIDE, quiet=2, maxlevels=64, invalidation_mode=mode)


if __name__ == "__main__":
    answer(unpack)
