/**
 * Draws the pages of a PDF. It runs in a frame of its own that has no origin, no network and nothing of the desktop
 * (`pdf-preview.svelte` makes it), because reading a PDF is thousands of lines on bytes of strangers. It gets the
 * bytes in one message, and all it ever says is one word.
 */
import { getDocument, type PDFDocumentProxy } from 'pdfjs-dist';
// Found by the library under a global name. A worker would need an origin. So it draws on the frame's own thread, which in
// Chromium is not the desktop's: frames without an origin share a process with each other, modules' pages among them, and
// none with the page around them. Other browsers keep all of them in one.
import 'pdfjs-dist/build/pdf.worker.mjs';
import type { FrameWord, PdfOrder } from './pdf-order.ts';

const say = (word: FrameWord) => parent.postMessage(word, '*');

addEventListener('message', (event: MessageEvent<PdfOrder>) => {
  if (event.source !== parent) return;
  draw(event.data).then(
    () => say('shown'),
    () => say('broken'),
  );
});
say('ready');

/** Ends when the first page is painted; the others are painted when they come into view. */
async function draw({ bytes, page_labels }: PdfOrder): Promise<void> {
  const pdf = await getDocument({
    data: bytes,
    isEvalSupported: false,
    enableXfa: false,
    // WebAssembly is closed to the desktop, and this frame has what the desktop has.
    useWasm: false,
    verbosity: 0,
  }).promise;
  const count = Math.min(pdf.numPages, page_labels.length);
  const { width, height } = (await pdf.getPage(1)).getViewport({ scale: 1 });
  const sheets = page_labels.slice(0, count).map((label) => sheet(label, width / height));
  const near = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        void paint(pdf, sheets, sheets.indexOf(target as HTMLCanvasElement)).catch(() => undefined);
      }
    },
    { rootMargin: '100%' },
  );
  document.body.append(...sheets);
  await paint(pdf, sheets, 0);
  for (const canvas of sheets.slice(1)) near.observe(canvas);
}

/** An empty page, of the proportions that most pages will have. */
function sheet(label: string, proportion: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', label);
  canvas.style.aspectRatio = String(proportion);
  return canvas;
}

async function paint(pdf: PDFDocumentProxy, sheets: HTMLCanvasElement[], index: number): Promise<void> {
  const canvas = sheets[index]!;
  const page = await pdf.getPage(index + 1);
  const plain = page.getViewport({ scale: 1 });
  const viewport = page.getViewport({ scale: (canvas.clientWidth * devicePixelRatio) / plain.width });
  canvas.style.aspectRatio = String(plain.width / plain.height);
  canvas.width = viewport.width;
  canvas.height = viewport.height;
  await page.render({ canvas, viewport }).promise;
}
