from PIL import Image


def run(inputs, options):
    return {"size.txt": str(Image.new("RGB", (3, 4)).size)}
