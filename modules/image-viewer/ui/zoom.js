/** How large the picture stands on the stage: as large as fits, or at a chosen scale. */

const STEP = 1.25;
const SCALE_MIN = 0.05;
const SCALE_MAX = 16;

/**
 * @param {HTMLElement} stage the scrolling area around the picture
 * @param {(scale: number, fits: boolean) => void} onChange
 */
export function createZoom(stage, onChange) {
  /** @type {HTMLImageElement | undefined} */
  let picture;
  let scale = 1;
  let fits = true;

  function fittingScale() {
    return Math.min(1, stage.clientWidth / picture.naturalWidth, stage.clientHeight / picture.naturalHeight);
  }

  function apply() {
    // What is in the middle of the view stays there.
    const middleX = (stage.scrollLeft + stage.clientWidth / 2) / stage.scrollWidth;
    const middleY = (stage.scrollTop + stage.clientHeight / 2) / stage.scrollHeight;
    // Rounded down, so that a fraction of a pixel never brings up scroll bars.
    picture.style.width = `${Math.floor(picture.naturalWidth * scale)}px`;
    picture.style.height = `${Math.floor(picture.naturalHeight * scale)}px`;
    stage.scrollLeft = middleX * stage.scrollWidth - stage.clientWidth / 2;
    stage.scrollTop = middleY * stage.scrollHeight - stage.clientHeight / 2;
    onChange(scale, fits);
  }

  function fit() {
    if (!picture) return;
    // Without a picture in the way there are no scroll bars, and the stage has its full size.
    picture.style.width = '0';
    picture.style.height = '0';
    fits = true;
    scale = fittingScale();
    apply();
  }

  function zoomTo(wanted) {
    if (!picture) return;
    fits = false;
    scale = Math.min(SCALE_MAX, Math.max(SCALE_MIN, wanted));
    apply();
  }

  new ResizeObserver(() => {
    if (fits) fit();
  }).observe(stage);

  return {
    /** Fits a picture that is decoded and on the stage; undefined when there is none any more. */
    show(shown) {
      picture = shown;
      fit();
    },
    fit,
    closer: () => zoomTo(scale * STEP),
    further: () => zoomTo(scale / STEP),
    toggle: () => (fits ? zoomTo(1) : fit()),
  };
}
