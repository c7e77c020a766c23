import { MediaQuery } from 'svelte/reactivity';

/** A phone or a narrow window: programs fill the screen. The same width stands in the style sheets. */
export const compact = new MediaQuery('max-width: 640px', false);
