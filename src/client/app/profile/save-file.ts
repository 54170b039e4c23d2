/** How long the browser may take to begin. The address of the file is then of no use any more. */
const STARTED_AFTER_MS = 60_000;

/** Has the browser save a text as a file, as a link with `download` does. */
export const saveFile = (name: string, text: string): void => {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), STARTED_AFTER_MS);
};
