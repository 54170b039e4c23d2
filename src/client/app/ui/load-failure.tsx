import { explain } from '../words/explain.ts';
import { Alert } from './alert.tsx';
import { Button } from './button.tsx';

interface LoadFailureProps {
  error: unknown;
  isFetching: boolean;
  refetch: () => unknown;
}

/** Says why something could not be loaded, and tries again. Takes what a query returns. */
export const LoadFailure = ({ error, isFetching, refetch }: LoadFailureProps) => (
  <Alert
    refusal={explain(error)}
    action={
      <Button pending={isFetching} onClick={() => void refetch()}>
        Try again
      </Button>
    }
  />
);
