import { MediaQuery } from 'svelte/reactivity';

/** A phone or a narrow window: programs fill the screen. The same width stands in the style sheets. */
export const compact = new MediaQuery('max-width: 640px', false);

/** Where fingers or a small screen want larger rows with everything below the name. */
export const roomy = new MediaQuery('(max-width: 640px), (pointer: coarse)', false);

/** With a mouse things are dragged; where there are only fingers, a long press means something else. */
export const canDrag = new MediaQuery('any-pointer: fine', true);
