import type { MenuItem } from '../ui/menu-state.svelte.ts';
import type { Program } from './programs.ts';
import type { Shell } from './shell.svelte.ts';

/** What a module offers to be begun with, as a group of a menu. */
export function actionItems(shell: Shell, program: Program): MenuItem[] {
  return program.actions.map((action, index) => ({
    label: action.label,
    separated: index === 0,
    choose: () => shell.start({ program, action }),
  }));
}
