import { zodResolver } from '@hookform/resolvers/zod';
import { useRef } from 'react';
import { useForm } from 'react-hook-form';
import { z } from 'zod/v4';
import { noteTextSchema } from '#shared/notes.ts';
import { fieldProblem } from '../forms/field-problem.ts';
import { useRefusals } from '../forms/use-refusals.ts';
import { Alert } from '../ui/alert.tsx';
import { Button } from '../ui/button.tsx';
import { createDraftId } from './draft-id.ts';
import { NoteField } from './note-field.tsx';
import { randomUuid } from './random-uuid.ts';
import { useAddNote } from './use-add-note.ts';

const input = z.object({ text: z.string().trim().pipe(noteTextSchema) });

/** The note leaves the field and stands in the list at once. When it was not kept, its text comes back. */
export const AddNote = () => {
  const addNote = useAddNote();
  const draftId = useRef(createDraftId(randomUuid)).current;
  const { register, handleSubmit, setError, resetField, getValues, setValue, formState } = useForm({
    resolver: zodResolver(input),
    defaultValues: { text: '' },
  });
  const { refusal, attempt } = useRefusals(setError, ['text']);

  const add = async ({ text }: { text: string }): Promise<void> => {
    resetField('text');
    await attempt(async () => {
      try {
        await addNote.mutateAsync({ text, id: draftId.of(text) });
        draftId.forget();
      } catch (error) {
        if (getValues('text') === '') setValue('text', text);
        throw error;
      }
    });
  };

  const submit = handleSubmit(add);

  return (
    <form noValidate className="mt-8 grid gap-4" onSubmit={(event) => void submit(event)}>
      <NoteField
        problem={fieldProblem(formState.errors.text)}
        action={
          <Button type="submit" variant="primary" pending={formState.isSubmitting} className="min-h-12">
            Add
          </Button>
        }
        {...register('text')}
      />
      {refusal !== null && <Alert refusal={refusal} />}
    </form>
  );
};
