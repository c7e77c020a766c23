from pathlib import Path


def run_streaming(in_dir, out_dir, options, ctx=None):
    yield {"pct": 1, "message": "fetching"}
    Path(out_dir, "page.txt").write_bytes(ctx.fetch(options["url"])["body"])
