import { CONNECTOR_KINDS } from '@hanabi/protocol';
import { render, screen, within } from '@testing-library/svelte';
import { expect, it } from 'vitest';
import PermissionList from '../src/store/permission-list.svelte';

const grouped = () =>
  screen.getAllByRole('list').map((list) => ({
    title: list.getAttribute('aria-label'),
    items: within(list).getAllByRole('listitem').length,
  }));

it('says apart what comes with the installation, what an administrator allows, and what takes a connection', () => {
  const permissions = ['notifications', 'worker.service'] as const;
  render(PermissionList, { props: { permissions, connectors: CONNECTOR_KINDS } });
  expect(grouped()).toEqual([
    { title: 'With the installation', items: 1 },
    { title: 'As far as the administrator has allowed it, with a quota', items: 1 },
    { title: 'With a connection that you let it use', items: CONNECTOR_KINDS.length },
  ]);
  expect(screen.getByText(/Bybit/).textContent).toContain('place orders if you have allowed trading');
});

it('says that a module asks for nothing', () => {
  render(PermissionList, { props: { permissions: [], connectors: [] } });
  expect(screen.getByText(/It asks for nothing/)).toBeTruthy();
  expect(screen.queryByRole('list')).toBeNull();
});
