/**
 * Runs code of the app. What it throws is reported as an unhandled rejection, and stops neither the others nor the
 * engine.
 */
export const runForApp = (run: () => void): void => {
  try {
    run();
  } catch (error) {
    void Promise.reject(error);
  }
};
