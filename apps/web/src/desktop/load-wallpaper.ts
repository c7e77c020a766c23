import type { Wallpaper } from '@hanabi/protocol';
import type { Component } from 'svelte';

const pictures: { readonly [Name in Wallpaper]?: () => Promise<{ default: Component }> } = {
  waves: () => import('./wallpapers/waves.svelte'),
  blossoms: () => import('./wallpapers/blossoms.svelte'),
  mountains: () => import('./wallpapers/mountains.svelte'),
};

/** The picture, or null for those that are there from the beginning. */
export function loadWallpaper(name: Wallpaper): Promise<Component> | null {
  return pictures[name]?.().then((module) => module.default) ?? null;
}
