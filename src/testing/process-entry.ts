import { inject } from 'vitest';
import { type ProcessEntry, pathOfEntry } from './process-entries.ts';

/** Where an entry was built for this run. */
export const processEntry = (entry: ProcessEntry): string => pathOfEntry(inject('processEntries'), entry);
