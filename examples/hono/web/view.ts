import { fieldsOf } from 'latchkey/client';

const query = (selector: string): HTMLElement => {
  const found = document.querySelector<HTMLElement>(selector);
  if (found === null) throw new Error(`The page has no ${selector}.`);
  return found;
};

/** Shows one of the templates, and nothing of what was shown before. */
export const show = (id: string): void => {
  const template = query(`template#${id}`);
  if (template instanceof HTMLTemplateElement) query('main').replaceChildren(template.content.cloneNode(true));
};

export const setText = (selector: string, text: string): void => {
  query(selector).textContent = text;
};

export const onClick = (selector: string, listener: () => void): void =>
  query(selector).addEventListener('click', listener);

/** What the server found wrong with the fields, or else its words for the whole. */
const explain = (error: unknown): string => {
  const problems = Object.values(fieldsOf(error)?.fieldErrors ?? {}).flat();
  return problems.join(' ') || (error instanceof Error ? error.message : 'Something went wrong.');
};

/** Runs what may be refused, and shows why it was. */
export const attempt = async (work: () => Promise<unknown>): Promise<void> => {
  const alert = query('main [role=alert]');
  alert.hidden = true;
  try {
    await work();
  } catch (error) {
    alert.textContent = explain(error);
    alert.hidden = !alert.isConnected;
  }
};

export const onSubmit = (submit: (value: (name: string) => string) => Promise<unknown>): void => {
  const form = query('main form');
  if (!(form instanceof HTMLFormElement)) return;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const values = new FormData(form);
    void attempt(() => submit((name) => String(values.get(name))));
  });
};
