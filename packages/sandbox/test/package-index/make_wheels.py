"""Makes the wheels that a test describes on standard input, as JSON, in the folder of the first argument.

The record is honest unless `lies` says otherwise: a list of files whose hash in it is wrong. `unlisted` are left out of
it, `listed` are in it without being there, `links` map names to targets, and `twice` are names that stand in the
archive two times.
"""

import base64
import hashlib
import json
import stat
import sys
import warnings
import zipfile

warnings.simplefilter("ignore")  # of names that stand twice


def digest(data):
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def make(folder, wheel):
    stem = f"{wheel['name'].replace('-', '_')}-{wheel['version']}"
    metadata = [f"Metadata-Version: 2.1\nName: {wheel['name']}\nVersion: {wheel['version']}\n"]
    metadata += [f"Requires-Dist: {text}\n" for text in wheel.get("requires", [])]
    metadata += [f"Provides-Extra: {name}\n" for name in wheel.get("extras", [])]
    files = {name: text.encode() for name, text in wheel.get("files", {}).items()}
    files[f"{stem}.dist-info/METADATA"] = "".join(metadata).encode()
    files[f"{stem}.dist-info/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    lines = []
    for name, data in files.items():
        if name not in wheel.get("unlisted", []):
            lines.append(f"{name},{digest(b'something else' if name in wheel.get('lies', []) else data)},{len(data)}\n")
    lines += [f"{name},{digest(b'')},0\n" for name in wheel.get("listed", [])]
    record = f"{stem}.dist-info/RECORD"
    files[record] = "".join([*lines, f"{record},,\n"]).encode()
    with zipfile.ZipFile(f"{folder}/{stem}-py3-none-any.whl", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            for _ in range(2 if name in wheel.get("twice", []) else 1):
                archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
        for name, target in wheel.get("links", {}).items():
            info = zipfile.ZipInfo(name)
            info.create_system = 3
            info.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(info, target)


for wheel in json.load(sys.stdin):
    make(sys.argv[1], wheel)
