/** What lies over the windows and goes away when the person goes back: menus, panels and dialogs, the newest last. */
import { untrack } from 'svelte';
import type { Attachment } from 'svelte/attachments';

interface Layer {
  leave: () => void;
}

class BackLayers {
  #open = $state.raw<readonly Layer[]>([]);

  get count(): number {
    return this.#open.length;
  }

  /** As choosing nothing in it would; one that cannot be left stays. */
  leaveTop(): void {
    this.#open.at(-1)?.leave();
  }

  /** For `{@attach …}`: counts as a layer while the element is in the page. */
  layer(leave: () => void): Attachment {
    return () => {
      const layer: Layer = { leave };
      this.#open = [...untrack(() => this.#open), layer];
      return () => (this.#open = this.#open.filter((other) => other !== layer));
    };
  }
}

export const backLayers = new BackLayers();
