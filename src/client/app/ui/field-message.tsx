/** An error of one field: found here by the schema, or said by the server. */
export interface FieldProblem {
  text: string;
  /**
   * Read out at once. What the form found itself needs none: the focus goes to the field, and the field names its
   * message.
   */
  announce: boolean;
}

interface FieldMessageProps {
  id: string;
  problem: FieldProblem | undefined;
  hint: string | undefined;
}

export const FieldMessage = ({ id, problem, hint }: FieldMessageProps) => {
  if (problem !== undefined) {
    return (
      <p id={id} role={problem.announce ? 'alert' : undefined} className="mt-1.5 text-sm font-medium text-danger">
        {problem.text}
      </p>
    );
  }
  if (hint === undefined) return null;
  return (
    <p id={id} className="mt-1.5 text-sm text-muted">
      {hint}
    </p>
  );
};
