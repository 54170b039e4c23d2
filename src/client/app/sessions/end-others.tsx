import { trpc } from '../trpc.ts';
import { Alert } from '../ui/alert.tsx';
import { Button } from '../ui/button.tsx';
import { explain } from '../words/explain.ts';

const endedWords = (count: number): string => {
  if (count === 0) return 'No other session was left to end.';
  return count === 1 ? 'One other session was ended.' : `${count} other sessions were ended.`;
};

export const EndOthers = ({ others }: { others: number }) => {
  const list = trpc.useUtils().sessions.list;
  const endOthers = trpc.sessions.revokeOthers.useMutation({ onSuccess: () => list.invalidate() });

  return (
    <div className="mt-8 grid justify-items-start gap-4">
      {endOthers.error !== null && <Alert refusal={explain(endOthers.error)} />}
      <Button disabled={others === 0} pending={endOthers.isPending} onClick={() => endOthers.mutate()}>
        End all other sessions
      </Button>
      {endOthers.data !== undefined && (
        <p role="status" className="text-[0.9375rem] text-muted">
          {endedWords(endOthers.data.revoked)}
        </p>
      )}
    </div>
  );
};
