/** Names the note that is being written. */
export interface DraftId {
  /**
   * The same id for the same text until `forget`: a note that was kept although its answer was lost is then not made
   * twice.
   */
  of: (text: string) => string;
  forget: () => void;
}

export const createDraftId = (randomId: () => string): DraftId => {
  let draft: { text: string; id: string } | null = null;

  return {
    of: (text) => {
      if (draft?.text !== text) draft = { text, id: randomId() };
      return draft.id;
    },
    forget: () => {
      draft = null;
    },
  };
};
