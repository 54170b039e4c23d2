import type { FieldError } from 'react-hook-form';
import type { FieldProblem } from '../ui/field-message.tsx';

/** The type under which the server's refusals are kept in a form's errors. */
export const FROM_SERVER = 'server';

export const fieldProblem = (error: FieldError | undefined): FieldProblem | undefined =>
  error?.message === undefined ? undefined : { text: error.message, announce: error.type === FROM_SERVER };
