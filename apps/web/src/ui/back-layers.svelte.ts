/** What lies over the windows and goes away when the person goes back: menus, panels and dialogs, the newest last. */
import { untrack } from 'svelte';
import type { Attachment } from 'svelte/attachments';

type Leave = () => void;

class BackLayers {
  #open = $state.raw<readonly Leave[]>([]);

  get count(): number {
    return this.#open.length;
  }

  /** As choosing nothing in it would; one that cannot be left stays. */
  leaveTop(): void {
    this.#open.at(-1)?.();
  }

  /** For `{@attach …}`: counts as a layer while the element is in the page. */
  layer(leave: Leave): Attachment {
    return () => {
      // A function of its own, so that two layers that are left in the same way are still two.
      const entry = () => leave();
      this.#open = [...untrack(() => this.#open), entry];
      return () => (this.#open = this.#open.filter((other) => other !== entry));
    };
  }
}

export const backLayers = new BackLayers();
