import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Hills under a grainy sky: as many pixels, and about as many bytes, as a camera makes. */
const PAINT = `
import sys
from PIL import Image, ImageDraw, ImageFilter
width, height = 4000, 3000
sky = Image.linear_gradient("L").resize((width, height))
grain = Image.effect_noise((width, height), 40)
photo = Image.merge("RGB", (Image.blend(sky, grain, 0.3), Image.blend(sky, grain, 0.4), grain))
draw = ImageDraw.Draw(photo)
for step in range(5):
    top = 1400 + step * 300
    draw.ellipse((step * 700 - 1500, top, step * 700 + 2600, top + 3000), fill=(30 * step, 90 + 20 * step, 60))
photo.filter(ImageFilter.GaussianBlur(0.6)).save(sys.argv[1], quality=95)
`;

/** Path of a new JPEG of twelve million pixels. */
export async function makePhotograph(name: string): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'hanabi-photo-')), name);
  await promisify(execFile)('/usr/bin/python3', ['-c', PAINT, path]);
  return path;
}
