/** What the desktop sends into the frame that draws a PDF, and what comes out of it. */
export interface PdfOrder {
  bytes: Uint8Array<ArrayBuffer>;
  /** A name for each page, of as many pages as are to be drawn. */
  page_labels: string[];
}

export type FrameWord = 'ready' | 'shown' | 'broken';
