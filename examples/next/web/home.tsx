import type { User } from 'latchkey/shared';
import { useCallback, useEffect, useState } from 'react';
import type { Clients } from './clients.ts';

interface HomeProps extends Pick<Clients, 'trpc'> {
  user: User;
  onSignOut: () => void;
}

export const Home = ({ trpc, user, onSignOut }: HomeProps) => {
  const [answer, setAnswer] = useState('');
  const [problem, setProblem] = useState('');

  const sayHello = useCallback(async () => {
    try {
      setAnswer(await trpc.hello.query());
      setProblem('');
    } catch (error) {
      setProblem(error instanceof Error ? error.message : 'Something went wrong.');
    }
  }, [trpc]);
  useEffect(() => void sayHello(), [sayHello]);

  return (
    <>
      <h1>{user.username}</h1>
      <p aria-live="polite">{answer}</p>
      {problem && <p role="alert">{problem}</p>}
      <button onClick={() => void sayHello()}>Say hello</button>
      <button onClick={onSignOut}>Sign out</button>
    </>
  );
};
