import { useAuth } from 'latchkey/react';
import { useState } from 'react';
import { Field, Form } from './form.tsx';

export const AuthForm = () => {
  const { status, signIn, signUp } = useAuth();
  const [isNew, setIsNew] = useState(false);

  const enter = (value: (name: string) => string) => {
    const credentials = { username: value('username'), password: value('password') };
    return isNew ? signUp({ ...credentials, email: value('email') }) : signIn(credentials);
  };

  return (
    // Off in what the server sends: without its script, the form would put the password into an address.
    <fieldset disabled={status === 'restoring'}>
      <Form key={String(isNew)} title={isNew ? 'Create account' : 'Sign in'} onSubmit={enter}>
        <Field label="Username" name="username" autoComplete="username" />
        {isNew && <Field label="E-mail" name="email" type="email" autoComplete="email" />}
        <Field
          label="Password"
          name="password"
          type="password"
          autoComplete={isNew ? 'new-password' : 'current-password'}
        />
      </Form>
      <button onClick={() => setIsNew(!isNew)}>{isNew ? 'I have an account' : 'I am new here'}</button>
    </fieldset>
  );
};
