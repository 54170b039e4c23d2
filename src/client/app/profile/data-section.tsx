import { useMutation } from '@tanstack/react-query';
import { trpc } from '../trpc.ts';
import { Alert } from '../ui/alert.tsx';
import { Button } from '../ui/button.tsx';
import { Section } from '../ui/section.tsx';
import { explain } from '../words/explain.ts';
import { saveFile } from './save-file.ts';

/** All that is kept of the person, as a file. */
export const DataSection = () => {
  const { client } = trpc.useUtils();
  const download = useMutation({
    // A query asks nobody for a proof by itself: here somebody has pressed a button for it.
    mutationFn: () => client.user.export.query(undefined, { context: { prompt: true } }),
    onSuccess: (data) => saveFile('latchkey-data.json', JSON.stringify(data, null, 2)),
  });

  return (
    <Section title="Your data" lead="Everything that is kept about you and your account, in one file (JSON).">
      <div className="grid justify-items-start gap-4">
        {download.error !== null && <Alert refusal={explain(download.error)} />}
        <Button pending={download.isPending} onClick={() => download.mutate()} className="max-sm:w-full">
          Download my data
        </Button>
        {download.isSuccess && (
          <p role="status" className="text-[0.9375rem] text-muted">
            Your data is in the file latchkey-data.json, among your downloads.
          </p>
        )}
      </div>
    </Section>
  );
};
