import { HanabiError } from '@hanabi/protocol';
import { fireEvent, render, screen } from '@testing-library/svelte';
import { expect, it, vi } from 'vitest';
import SignInForm from '../src/sign-in/sign-in-form.svelte';

const submit = () => fireEvent.click(screen.getByRole('button', { name: 'Sign in' }));
const fill = async (name: string, password: string) => {
  await fireEvent.input(screen.getByLabelText('Name'), { target: { value: name } });
  await fireEvent.input(screen.getByLabelText('Password'), { target: { value: password } });
};

it('asks for what is missing before it asks the server', async () => {
  const onsignin = vi.fn();
  render(SignInForm, { props: { onsignin } });
  await fill('admin', '');
  await submit();
  expect(onsignin).not.toHaveBeenCalled();
  expect(screen.getByRole('alert').textContent).toContain('Type your name');
  expect(document.activeElement).toBe(screen.getByLabelText('Password'));
});

it('shows the sentence and the code of a refusal, and lets the person try again', async () => {
  const onsignin = vi.fn().mockRejectedValueOnce(new HanabiError('HANABI-A002')).mockResolvedValueOnce(undefined);
  render(SignInForm, { props: { onsignin } });
  await fill(' admin ', 'wrong');
  await submit();
  expect((await screen.findByText('HANABI-A002')).closest('[role="alert"]')?.textContent).toContain('is wrong');
  expect(screen.getByLabelText('Name').getAttribute('aria-invalid')).toBe('true');
  await submit();
  expect(onsignin.mock.calls).toEqual([
    ['admin', 'wrong'],
    ['admin', 'wrong'],
  ]);
});

it('shows and hides the password', async () => {
  render(SignInForm, { props: { onsignin: vi.fn() } });
  await fireEvent.click(screen.getByRole('button', { name: 'Show password' }));
  expect(screen.getByLabelText('Password').getAttribute('type')).toBe('text');
  await fireEvent.click(screen.getByRole('button', { name: 'Hide password' }));
  expect(screen.getByLabelText('Password').getAttribute('type')).toBe('password');
});

it('lets only the same person go on in a desktop whose session ended', async () => {
  const onsignin = vi.fn().mockResolvedValue(undefined);
  render(SignInForm, { props: { fixedName: 'mika', onsignin } });
  expect(screen.queryByLabelText('Name')).toBeNull();
  await fireEvent.input(screen.getByLabelText('Password'), { target: { value: 'secret' } });
  await submit();
  expect(onsignin).toHaveBeenCalledWith('mika', 'secret');
});
