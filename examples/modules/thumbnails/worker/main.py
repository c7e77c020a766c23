"""Makes a small JPEG of each picture that it is given."""

import io
from pathlib import PurePath

from PIL import Image, ImageOps, UnidentifiedImageError

SIZE_PX_DEFAULT = 256
SIZE_PX_MIN = 16
SIZE_PX_MAX = 2048


def run(inputs, options):
    size_px = read_size(options)
    thumbnails = []
    for number, (name, data) in enumerate(inputs.items()):
        yield {"pct": 100 * number / len(inputs), "message": f"{name} ({number + 1} of {len(inputs)})"}
        thumbnails.append((f"thumb-{PurePath(name).stem}.jpg", make_thumbnail(name, data, size_px)))
    yield {"pct": 100, "message": "Done"}
    return thumbnails


def read_size(options):
    size_px = options.get("size_px", SIZE_PX_DEFAULT)
    if not isinstance(size_px, (int, float)) or not SIZE_PX_MIN <= size_px <= SIZE_PX_MAX:
        raise ValueError(f"size_px is a number from {SIZE_PX_MIN} to {SIZE_PX_MAX}, not {size_px!r}")
    return int(size_px)


def make_thumbnail(name, data, size_px):
    try:
        with Image.open(io.BytesIO(data)) as image:
            # A large photograph is decoded at a fraction of its size, which saves most of the time and the memory.
            image.draft("RGB", (size_px, size_px))
            image.thumbnail((size_px, size_px))
            upright = flatten(ImageOps.exif_transpose(image))
    except UnidentifiedImageError:
        raise ValueError(f"{name} is not a picture that can be read") from None
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(f"{name} could not be read: {error}") from error
    result = io.BytesIO()
    upright.save(result, "JPEG", quality=85)
    return result.getvalue()


def flatten(image):
    """JPEG knows no transparency: what shines through is white."""
    if image.mode == "P" or "A" in image.mode:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return image.convert("RGB")
