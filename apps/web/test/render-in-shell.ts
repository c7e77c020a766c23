import { render } from '@testing-library/svelte';
import type { Component, ComponentProps } from 'svelte';
import type { Shell } from '../src/desktop/shell.svelte.ts';
import InShell from './in-shell.svelte';

type AnyComponent = ComponentProps<typeof InShell>['component'];

export function renderInShell<Props extends Record<string, unknown>>(
  shell: Shell,
  tested: Component<Props>,
  props: Props,
) {
  return render(InShell, { props: { shell, component: tested as unknown as AnyComponent, props } });
}
