"""Turns video and sound into something smaller, with ffmpeg: it reads the one folder and writes into the other."""

import json
import subprocess
from pathlib import Path

# What ffmpeg may open of its own accord: the file that it was given, and nothing that this file may name.
ONLY_FILES = ["-protocol_whitelist", "file"]

WIDTH_PX_DEFAULT = 480
WIDTH_PX_MIN = 64
WIDTH_PX_MAX = 1920


def run_streaming(in_dir, out_dir, options):
    make = FORMATS.get(options.get("format"))
    if make is None:
        raise ValueError(f"format is one of {', '.join(FORMATS)}, not {options.get('format')!r}")
    width_px = read_width(options)
    sources = sorted(Path(in_dir).iterdir())
    for number, source in enumerate(sources):
        media = probe(source)
        suffix, arguments = make(media, source.name, width_px)
        target = free_path(Path(out_dir), source.stem, suffix)
        for share in transcode(source, target, arguments, media["duration_s"]):
            yield {"pct": 100 * (number + share) / len(sources), "message": f"{source.name} ({number + 1} of {len(sources)})"}
        yield {"output": f"{target.name}: {target.stat().st_size} bytes\n"}
    yield {"pct": 100, "message": "Done"}


def read_width(options):
    width_px = options.get("width_px", WIDTH_PX_DEFAULT)
    if not isinstance(width_px, (int, float)) or not WIDTH_PX_MIN <= width_px <= WIDTH_PX_MAX:
        raise ValueError(f"width_px is a number from {WIDTH_PX_MIN} to {WIDTH_PX_MAX}, not {width_px!r}")
    return int(width_px) // 2 * 2


def to_mp3(media, name, width_px):
    if not media["has_sound"]:
        raise ValueError(f"{name} has no sound")
    return ".mp3", ["-vn", "-c:a", "libmp3lame", "-q:a", "4"]


def to_gif(media, name, width_px):
    require_picture(media, name)
    # A palette of its own costs a second look at each picture and saves most of the ugliness.
    palette = "split[a][b];[a]palettegen=stats_mode=diff[p];[b][p]paletteuse=dither=bayer"
    return ".gif", ["-an", "-vf", f"fps=10,scale={width_px}:-2:flags=lanczos,{palette}"]


def to_mp4(media, name, width_px):
    require_picture(media, name)
    picture = ["-vf", f"scale='min({width_px},iw)':-2", "-c:v", "libx264", "-preset", "veryfast", "-crf", "28"]
    return ".mp4", [*picture, "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "96k", "-movflags", "+faststart"]


FORMATS = {"mp3": to_mp3, "gif": to_gif, "mp4": to_mp4}


def require_picture(media, name):
    if not media["has_picture"]:
        raise ValueError(f"{name} has no moving picture")


def probe(source):
    """How long it is, and whether there is something to see and to hear."""
    shown = ["-show_entries", "format=duration:stream=codec_type", "-of", "json"]
    answer = subprocess.run(
        ["ffprobe", "-v", "error", *ONLY_FILES, *shown, f"file:{source}"], capture_output=True, text=True
    )
    if answer.returncode == 127:
        answer.check_returncode()
    if answer.returncode != 0:
        reason = answer.stderr.strip().rpartition("\n")[2]
        raise ValueError(f"{source.name} is no video or sound that ffmpeg can read: {reason}")
    found = json.loads(answer.stdout)
    kinds = [stream.get("codec_type") for stream in found.get("streams", [])]
    return {
        "duration_s": float(found.get("format", {}).get("duration", 0)),
        "has_sound": "audio" in kinds,
        "has_picture": "video" in kinds,
    }


def transcode(source, target, arguments, duration_s):
    """Yields the share that is done, from 0 to 1, as ffmpeg tells it. What ffmpeg complains of goes into the log."""
    command = ["ffmpeg", "-nostdin", "-v", "error", "-nostats", "-progress", "pipe:1", *ONLY_FILES]
    command += ["-i", f"file:{source}", *arguments, f"file:{target}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as ffmpeg:
        for line in ffmpeg.stdout:
            key, _, value = line.strip().partition("=")
            if key == "out_time_us" and value.isdigit() and duration_s > 0:
                yield min(1.0, int(value) / 1_000_000 / duration_s)
    if ffmpeg.returncode != 0:
        raise RuntimeError(f"ffmpeg could not make {target.name}; the log says why (exit code {ffmpeg.returncode})")


def free_path(folder, stem, suffix):
    """Two inputs may differ in their extension only."""
    path = folder / f"{stem}{suffix}"
    number = 2
    while path.exists():
        path = folder / f"{stem} ({number}){suffix}"
        number += 1
    return path
