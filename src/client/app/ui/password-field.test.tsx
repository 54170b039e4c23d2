// @vitest-environment happy-dom
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { PasswordField } from './password-field.tsx';

test('a password is masked, can be pasted, and is told to password managers for what it is', async () => {
  const person = userEvent.setup();
  render(<PasswordField label="Password" autoComplete="current-password" />);
  const field = screen.getByLabelText<HTMLInputElement>('Password');
  expect(field.type).toBe('password');
  expect(field.autocomplete).toBe('current-password');
  expect(field.hasAttribute('maxlength')).toBe(false);
  await person.click(field);
  await person.paste(' correct horse battery staple ');
  expect(field.value).toBe(' correct horse battery staple ');
});
