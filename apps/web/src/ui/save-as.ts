/** Hands a file that the desktop made to the person, as a download. */
export function saveAs(name: string, file: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  // The browser has taken it when the click returns; it holds the bytes itself.
  URL.revokeObjectURL(link.href);
}
