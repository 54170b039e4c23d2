import { trpc } from '../trpc.ts';
import { Alert } from '../ui/alert.tsx';
import { Button } from '../ui/button.tsx';
import { explain } from '../words/explain.ts';

export const SendConfirmation = ({ email }: { email: string }) => {
  const resend = trpc.user.resendVerification.useMutation();

  return (
    <div className="mt-4 grid justify-items-start gap-3">
      {resend.error !== null && <Alert refusal={explain(resend.error)} />}
      <Button pending={resend.isPending} onClick={() => resend.mutate()} className="max-sm:w-full">
        Send confirmation again
      </Button>
      {resend.data !== undefined && (
        <p role="status" className="text-[0.9375rem] text-muted">
          A mail with a link is on its way to <span className="wrap-anywhere">{email}</span>.
        </p>
      )}
    </div>
  );
};
