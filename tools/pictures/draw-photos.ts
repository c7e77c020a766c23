/** Photos for the pictures of the documentation. */
import type { Page } from '@playwright/test';

export const PHOTOS = ['Fireworks over the river.jpg', 'Lanterns.jpg', 'Summer night.jpg'];

interface Photo {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

/** Night skies with fireworks, so that no photo of anybody is needed. */
export async function drawPhotos(page: Page): Promise<Photo[]> {
  const urls = await page.evaluate(
    (count) =>
      Array.from({ length: count }, (_, seed) => {
        const canvas = Object.assign(document.createElement('canvas'), { width: 1600, height: 1200 });
        const pen = canvas.getContext('2d')!;
        const sky = pen.createLinearGradient(0, 0, 0, 1200);
        sky.addColorStop(0, `hsl(${230 + seed * 30} 60% 12%)`);
        sky.addColorStop(1, `hsl(${250 + seed * 40} 50% 32%)`);
        pen.fillStyle = sky;
        pen.fillRect(0, 0, 1600, 1200);
        for (let burst = 0; burst < 4 + seed; burst += 1) {
          const [x, y] = [200 + ((burst * 457 + seed * 311) % 1200), 180 + ((burst * 263 + seed * 97) % 560)];
          const hue = (burst * 77 + seed * 140) % 360;
          for (let ray = 0; ray < 48; ray += 1) {
            const angle = (ray / 48) * 2 * Math.PI;
            for (let step = 4; step < 24; step += 1) {
              const distance = step * (6 + (ray % 3) * 2);
              pen.fillStyle = `hsl(${hue} 95% ${85 - step}% / ${1 - step / 26})`;
              pen.beginPath();
              pen.arc(x + Math.cos(angle) * distance, y + Math.sin(angle) * distance + step * step * 0.15, 4, 0, 7);
              pen.fill();
            }
          }
        }
        return canvas.toDataURL('image/jpeg', 0.9);
      }),
    PHOTOS.length,
  );
  return urls.map((url, index) => ({
    name: PHOTOS[index]!,
    mimeType: 'image/jpeg',
    buffer: Buffer.from(url.slice(url.indexOf(',') + 1), 'base64'),
  }));
}
