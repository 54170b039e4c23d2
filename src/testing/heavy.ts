/** Whether to repeat what is repeated as often as it takes to meet what is rare: `HEAVY=1 npm test`. */
export const isHeavy = Boolean(process.env['HEAVY']);
