import { useState } from 'react';
import { Field, type FieldProps } from './field.tsx';
import { EyeIcon } from './icons.tsx';

interface PasswordFieldProps extends Omit<FieldProps, 'type' | 'adornment'> {
  autoComplete: 'current-password' | 'new-password';
}

/** A password input that can show what was typed (ASVS 6.2.6) and takes what is pasted (ASVS 6.2.7). */
export const PasswordField = (props: PasswordFieldProps) => {
  const [shown, setShown] = useState(false);

  return (
    <Field
      {...props}
      type={shown ? 'text' : 'password'}
      autoCapitalize="none"
      spellCheck={false}
      adornment={
        // Its name leaves the word "password" to the input, which is then the only thing of that name.
        <button
          type="button"
          aria-label="Show characters"
          aria-pressed={shown}
          onClick={() => setShown(!shown)}
          className="absolute inset-y-0.5 right-0.5 grid w-12 cursor-pointer place-items-center rounded-[0.625rem] text-muted hover:text-ink"
        >
          <EyeIcon crossed={!shown} className="size-5.5" />
        </button>
      }
    />
  );
};
