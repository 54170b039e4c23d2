import type { ComponentProps } from 'react';
import { Field } from '../ui/field.tsx';
import type { FieldProblem } from '../ui/field-message.tsx';

interface CodeFieldProps extends ComponentProps<'input'> {
  problem: FieldProblem | undefined;
}

/** For the page that was opened without a link, or by one that lost its end on the way. */
export const CodeField = ({ problem, ...input }: CodeFieldProps) => (
  <Field
    {...input}
    label="Code from the mail"
    hint="The link came without its code. Copy the code from the mail, and paste it here."
    autoComplete="off"
    autoCapitalize="none"
    spellCheck={false}
    problem={problem}
    className="font-mono text-[0.9375rem]"
  />
);
