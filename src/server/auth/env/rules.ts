import { isLoopbackAddress, isLoopbackHost } from './hosts.ts';
import { idleTtlProblem } from './lifetimes.ts';
import { mixedOriginsProblem } from './origins.ts';
import type { Problems } from './read-variables.ts';
import type { AuthVariables, Mode } from './variables.ts';

/**
 * Adds what is wrong with variables only together. A variable that is wrong by itself is left out: one thing at a time.
 */
export const checkTogether = (values: Partial<AuthVariables>, problems: Problems, mode: Mode): void => {
  const report = (name: keyof AuthVariables, problem: string | undefined): void => {
    if (problem !== undefined) problems.set(name, [...(problems.get(name) ?? []), problem]);
  };

  const accessNeedsSecret = values.ACCESS_TOKEN_PRIVATE_KEY === undefined && !problems.has('ACCESS_TOKEN_PRIVATE_KEY');
  if (mode === 'production') {
    const missing = 'is missing: `npx latchkey secrets` makes one';
    if (accessNeedsSecret && values.ACCESS_TOKEN_SECRET === undefined && !problems.has('ACCESS_TOKEN_SECRET')) {
      report('ACCESS_TOKEN_SECRET', missing);
    }
    if (values.REFRESH_TOKEN_SECRET === undefined && !problems.has('REFRESH_TOKEN_SECRET')) {
      report('REFRESH_TOKEN_SECRET', missing);
    }
  }

  const accessSecrets = values.ACCESS_TOKEN_SECRET ?? [];
  if (values.REFRESH_TOKEN_SECRET?.some((secret) => accessSecrets.includes(secret))) {
    report(
      'REFRESH_TOKEN_SECRET',
      'has an entry of ACCESS_TOKEN_SECRET: one kind of token must not verify as the other',
    );
  }

  const tokenSecrets = [...accessSecrets, ...(values.REFRESH_TOKEN_SECRET ?? [])];
  if (values.DATA_SECRET?.some((secret) => tokenSecrets.includes(secret))) {
    report('DATA_SECRET', 'has an entry of a token secret: what seals data must not sign tokens');
  }

  const { SESSION_IDLE_TTL: idle, SESSION_ABSOLUTE_TTL: absolute } = values;
  if (idle !== undefined && absolute !== undefined) {
    report('SESSION_IDLE_TTL', idleTtlProblem({ idle, absolute }, 'SESSION_ABSOLUTE_TTL'));
  }

  if (
    mode === 'production' &&
    values.REQUIRE_EMAIL_VERIFICATION === 'true' &&
    values.SMTP_URL === undefined &&
    !problems.has('SMTP_URL')
  ) {
    report('REQUIRE_EMAIL_VERIFICATION', 'needs SMTP_URL: nobody could sign up without mail');
  }

  if (values.PUBLIC_URL === undefined) return;
  const publicUrl = new URL(values.PUBLIC_URL);

  if (mode === 'production' && values.RATE_LIMIT === 'off' && !problems.has('HOST')) {
    if (!isLoopbackHost(publicUrl.hostname) || !isLoopbackAddress(values.HOST)) {
      report(
        'RATE_LIMIT',
        'must be on in production, unless HOST and the host of PUBLIC_URL are loopback ones: it is what stops password guessing',
      );
    }
  }

  report('ALLOWED_ORIGINS', mixedOriginsProblem(values.PUBLIC_URL, values.ALLOWED_ORIGINS ?? [], 'PUBLIC_URL'));
};
