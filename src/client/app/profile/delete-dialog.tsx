import { useForm } from 'react-hook-form';
import { fieldProblem } from '../forms/field-problem.ts';
import { Alert } from '../ui/alert.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { explain } from '../words/explain.ts';

interface DeleteDialogProps {
  isOpen: boolean;
  /** What is to be typed, so that no slip of the hand deletes an account. */
  name: string;
  label: string;
  /** Called with what was typed. */
  onConfirm: (confirm: string) => void;
  /** Why it was refused, if it was. */
  error: unknown;
  onClose: () => void;
}

export const DeleteDialog = ({ isOpen, name, label, onConfirm, error, onClose }: DeleteDialogProps) => {
  const { register, handleSubmit, reset, formState } = useForm({ defaultValues: { confirm: '' } });
  const close = (): void => {
    reset();
    onClose();
  };

  return (
    <Dialog title="Delete your account?" isOpen={isOpen} onClose={close}>
      <form
        noValidate
        className="mt-3 grid gap-5"
        onSubmit={(event) => void handleSubmit(({ confirm }) => onConfirm(confirm.trim()))(event)}
      >
        <p className="text-[0.9375rem] text-muted">
          This cannot be undone. Your notes go with it. To go on, type{' '}
          <strong className="text-ink wrap-anywhere">{name}</strong>.
        </p>
        {error !== null && <Alert refusal={explain(error)} />}
        <Field
          label={label}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          problem={fieldProblem(formState.errors.confirm)}
          {...register('confirm', {
            validate: (text) =>
              text.trim().toLowerCase() === name.toLowerCase() || `This is not it: type ${name}, as it stands above.`,
          })}
        />
        <div className="flex flex-wrap justify-end gap-3">
          <Button onClick={close} className="max-sm:w-full">
            Cancel
          </Button>
          <Button type="submit" variant="danger" className="max-sm:w-full">
            Delete for good
          </Button>
        </div>
      </form>
    </Dialog>
  );
};
