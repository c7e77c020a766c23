"""Says where the Python files of a package do not parse, and where a service says what services may not say.

It reads what strangers wrote and runs none of it.
"""

import ast
import json
import os
import warnings


def run(inputs, options):
    # What the compiler would only remark on is the author's affair.
    warnings.simplefilter("ignore")
    problems = []
    # The inputs have plain names; what they are called in the package stands in the options.
    for name, path in options["paths"].items():
        found = restricted_problems(inputs[name]) if name in options["restricted"] else parse_problems(inputs[name])
        problems.extend({"path": path, "line": line, "message": message[:1000]} for line, message in found)
    return {"problems.json": json.dumps(problems)}


def restricted_problems(source):
    # The check that the runner makes itself before it loads a service. Where jobs are clones, what lies in the box beside
    # this file is all there is of the runner that was not loaded before.
    import hanabi_runner

    hanabi_runner.__path__.append(os.path.join(os.path.dirname(__file__), "..", "hanabi_runner"))
    from hanabi_runner.restrict.check import check_source

    return [(finding["line"], finding["message"]) for finding in check_source(source)]


def parse_problems(source):
    try:
        ast.parse(source)
    except SyntaxError as error:
        return [(error.lineno or 1, error.msg)]
    except (ValueError, RecursionError, MemoryError) as error:
        return [(1, f"cannot be parsed: {error or type(error).__name__}")]
    return []
