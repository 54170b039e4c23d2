'use client';

/**
 * The prompt of step-up in React: `useReauthentication`, for the one dialog that asks a person to prove anew who they
 * are.
 *
 * @packageDocumentation
 */
import { useEffect, useState } from 'react';
import type { AuthMethod } from '../../../../shared/auth/proofs.ts';
import { provenElsewhere, type ReauthenticateInput, reauthenticate } from '../../features/step-up/index.ts';
import { listen } from '../../internal/listen.ts';
import type { ReauthenticationHandler } from '../../link/reauthentication.ts';
import { useAuthClient } from '../auth-context.ts';

/** A prompt that is open: calls wait for it. It closes by itself when the proof is given in another tab. */
export interface OpenReauthentication {
  /** How old the proof may be, in seconds. */
  maxAge: number;
  /** What the account can prove itself by. */
  methods: readonly AuthMethod[];
  /**
   * Proves it. When it is right, the prompt closes and the calls go on. Rejects with the server's refusal, as
   * `reauthenticate` does; the prompt stays open then, for another try.
   */
  confirm: (proof: ReauthenticateInput) => Promise<void>;
  /** Closes the prompt. The calls that wait are refused with `reauthentication_required`. */
  cancel: () => void;
}

/**
 * Returns the open prompt, or null while nobody is asked. Where several components use it, the one that was mounted
 * last has the prompt: mount one for the whole app.
 *
 * @throws Error without an `AuthProvider` above.
 * @example
 * const prompt = useReauthentication();
 * if (prompt === null) return null;
 * return <ConfirmDialog onConfirm={(password) => prompt.confirm({ password })} onCancel={prompt.cancel} />;
 */
export const useReauthentication = (): OpenReauthentication | null => {
  const auth = useAuthClient('useReauthentication');
  const [prompt, setPrompt] = useState<OpenReauthentication | null>(null);

  useEffect(() => {
    const ask: ReauthenticationHandler = ({ maxAge, methods, signal }) =>
      new Promise((resolve, reject) => {
        const cancel = (): void => reject(new Error('The prompt was cancelled.'));
        void provenElsewhere(auth, { signal }).then(resolve);
        const confirm = async (proof: ReauthenticateInput): Promise<void> => {
          await reauthenticate(auth, proof);
          resolve();
        };
        // A page that comes back from the back-forward cache may have been left for long, and by somebody else.
        const stopListening = listen([window], ['pageshow'], (event) => {
          if ('persisted' in event && event.persisted === true) cancel();
        });
        listen([signal], ['abort'], () => {
          stopListening();
          setPrompt(null);
        });
        if (!signal.aborted) setPrompt({ maxAge, methods, confirm, cancel });
      });
    return auth.onReauthenticate(ask);
  }, [auth]);

  return prompt;
};
