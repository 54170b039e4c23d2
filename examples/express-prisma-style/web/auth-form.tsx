import { fieldsOf } from 'latchkey/client';
import { useAuth } from 'latchkey/react';
import { type FormEvent, useState } from 'react';

const explain = (error: unknown): string => {
  const problems = Object.values(fieldsOf(error)?.fieldErrors ?? {}).flat();
  return problems.join(' ') || (error instanceof Error ? error.message : 'Something went wrong.');
};

export const AuthForm = () => {
  const { signIn, signUp } = useAuth();
  const [isNew, setIsNew] = useState(false);
  const [problem, setProblem] = useState('');

  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const field = (name: string): string => String(form.get(name));
    const credentials = { username: field('username'), password: field('password') };
    setProblem('');
    try {
      await (isNew ? signUp({ ...credentials, email: field('email') }) : signIn(credentials));
    } catch (error) {
      setProblem(explain(error));
    }
  };

  return (
    <form onSubmit={submit}>
      <h1>{isNew ? 'Create account' : 'Sign in'}</h1>
      <label>
        Username
        <input name="username" autoComplete="username" required />
      </label>
      {isNew && (
        <label>
          E-mail
          <input name="email" type="email" autoComplete="email" required />
        </label>
      )}
      <label>
        Password
        <input name="password" type="password" autoComplete={isNew ? 'new-password' : 'current-password'} required />
      </label>
      {problem && <p role="alert">{problem}</p>}
      <button>{isNew ? 'Create account' : 'Sign in'}</button>
      <button type="button" onClick={() => setIsNew(!isNew)}>
        {isNew ? 'I have an account' : 'I am new here'}
      </button>
    </form>
  );
};
