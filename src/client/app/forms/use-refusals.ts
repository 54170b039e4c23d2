import { reasonOf } from 'latchkey/client';
import { useState } from 'react';
import type { FieldValues, Path, UseFormSetError } from 'react-hook-form';
import { type Explanation, explain } from '../words/explain.ts';
import { FROM_SERVER } from './field-problem.ts';
import { type FormReasons, fieldRefusals } from './field-refusals.ts';

interface Refusals {
  /** The refusal that belongs to no field. */
  refusal: Explanation | null;
  /** Runs `send`. What it is refused for is put on its field, and the focus with it, or else kept in `refusal`. */
  attempt: (send: () => Promise<unknown>) => Promise<void>;
}

export const useRefusals = <Values extends FieldValues>(
  setError: UseFormSetError<Values>,
  names: readonly Path<Values>[],
  reasons?: FormReasons<Path<Values>>,
): Refusals => {
  const [refusal, setRefusal] = useState<Explanation | null>(null);

  const attempt = async (send: () => Promise<unknown>): Promise<void> => {
    setRefusal(null);
    try {
      await send();
    } catch (error) {
      const onFields = fieldRefusals(error, names, reasons);
      const refused = names.filter((name) => onFields[name] !== undefined);
      for (const name of refused) {
        const message = onFields[name];
        if (message !== undefined) setError(name, { type: FROM_SERVER, message }, { shouldFocus: name === refused[0] });
      }
      if (refused.length > 0) return;
      const words = reasons?.[reasonOf(error) ?? '']?.words;
      setRefusal(words === undefined ? explain(error) : { text: words });
    }
  };

  return { refusal, attempt };
};
