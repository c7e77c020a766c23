"""Makes one small picture of one file. First-party, and sealed like any other: what it reads comes from anywhere."""

import io

from PIL import Image, ImageOps

# Enough for any camera; beyond that a file of a few bytes could claim to be as large as a wall.
Image.MAX_IMAGE_PIXELS = 100_000_000
FORMATS = ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "ICO"]


def run(inputs, options):
    (data,) = inputs.values()
    side_px = int(options["side_px"])
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        # A large photograph is decoded at a fraction of its size, which saves most of the time and the memory.
        image.draft("RGB", (side_px, side_px))
        image.thumbnail((side_px, side_px))
        small = ImageOps.exif_transpose(image)
    if small.mode == "P" or "A" in small.mode or "transparency" in small.info:
        return {"thumbnail": encoded(small.convert("RGBA"), "PNG", optimize=True)}
    return {"thumbnail": encoded(small.convert("RGB"), "JPEG", quality=80)}


def encoded(image, format, **how):
    # Without the names, places and times that a camera writes into its pictures.
    image.info.clear()
    result = io.BytesIO()
    image.save(result, format, **how)
    return result.getvalue()
