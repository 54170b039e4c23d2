import { fieldsOf } from 'latchkey/client';
import { type ComponentProps, type FormEvent, type ReactNode, useState } from 'react';

/** What the server found wrong with the fields, or else its words for the whole. */
const explain = (error: unknown): string => {
  const problems = Object.values(fieldsOf(error)?.fieldErrors ?? {}).flat();
  return problems.join(' ') || (error instanceof Error ? error.message : 'Something went wrong.');
};

interface FormProps {
  title: string;
  onSubmit: (value: (name: string) => string) => Promise<unknown>;
  children: ReactNode;
}

export const Form = ({ title, onSubmit, children }: FormProps) => {
  const [problem, setProblem] = useState('');
  const [isPending, setIsPending] = useState(false);

  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const values = new FormData(event.currentTarget);
    setProblem('');
    setIsPending(true);
    await onSubmit((name) => String(values.get(name))).catch((error: unknown) => setProblem(explain(error)));
    setIsPending(false);
  };

  return (
    <form onSubmit={submit}>
      <h1>{title}</h1>
      {children}
      {problem && <p role="alert">{problem}</p>}
      <button disabled={isPending}>{title}</button>
    </form>
  );
};

export const Field = ({ label, ...input }: ComponentProps<'input'> & { label: string }) => (
  <label>
    {label}
    <input required {...input} />
  </label>
);
