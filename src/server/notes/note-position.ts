/**
 * How far a stream has seen the changes of its user. The number alone would not do: a failover or a restored backup
 * that lost changes gives their numbers to others, which were made at another time.
 */
export interface NotePosition {
  change: number;
  /**
   * When that change was made, `0` if none is kept under that number. Undefined when it is not known: then the number
   * has to do.
   */
  at: number | undefined;
}

/** The id of an event: what a client hands back to go on behind it. */
export const encodePosition = ({ change, at }: NotePosition): string =>
  at === undefined ? String(change) : `${change}.${at}`;

export const decodePosition = (id: string): NotePosition | undefined => {
  const [, change, at] = /^(\d{1,15})(?:\.(\d{1,15}))?$/.exec(id) ?? [];
  return change === undefined ? undefined : { change: Number(change), at: at === undefined ? undefined : Number(at) };
};

/** Whether the change that is kept under the position's number is the one that was seen, or none as then. */
export const isSameHistory = (position: NotePosition, kept: { at: number } | undefined): boolean =>
  position.at === undefined || position.at === (kept?.at ?? 0);
