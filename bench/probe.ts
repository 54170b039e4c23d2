/**
 * Preloaded into every server that is measured (`node --import`), ours and the others' alike: tells over IPC what the
 * process has used, which nobody can see from outside as exactly. Costs a server nothing between two questions.
 */
const collect = (): void => {
  // There with --expose-gc: what is left after it is what is held.
  if ('gc' in globalThis && typeof globalThis.gc === 'function') globalThis.gc();
};

process.on('message', (question) => {
  if (question === 'collect') collect();
  // An orderly end writes the profile of --cpu-prof, a signal does not.
  if (question === 'exit') process.exit(0);
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuMicroseconds: user + system, memory: process.memoryUsage() });
});
// The measuring process is gone, for whatever reason.
process.on('disconnect', () => process.exit(0));
process.channel?.unref();
