/** Express 4, beside 5: what is used of it is the same. */
declare module 'express4' {
  export { default } from 'express';
}
