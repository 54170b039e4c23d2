// The decision itself is shared: the kit of `latchkey/testing` rotates by it, and has nothing of the server half.
export * from '../../../shared/auth/rotation.ts';
