import { describe, expect, it } from 'vitest';
import { GatewayError, toGatewayError } from '../../src/protocol/errors.ts';
import { toFailure } from '../../src/protocol/failure.ts';
import type { FailureKind } from '../../src/protocol/failure-kinds.ts';
import { schemas } from '../support/schemas.ts';

describe('GatewayError', () => {
  it('has all four keys of an error body (message, type, param, code)', () => {
    const error = new GatewayError('invalid_value', 'No.');
    expect(error.toBody()).toEqual({
      error: { message: 'No.', type: 'invalid_request_error', param: null, code: 'invalid_value' },
    });
    expect(error.status).toBe(400);
  });
});

describe('toGatewayError', () => {
  const TABLE: readonly (readonly [FailureKind, number, string])[] = [
    ['rate-limited', 429, 'rate_limit_exceeded'],
    ['quota', 429, 'insufficient_quota'],
    ['overloaded', 503, 'upstream_overloaded'],
    ['server', 502, 'upstream_error'],
    ['unreachable', 502, 'upstream_unreachable'],
    ['timeout', 504, 'upstream_timeout'],
    ['unauthorized', 502, 'upstream_unauthorized'],
    ['not-found', 404, 'model_not_found'],
    ['wrong-address', 502, 'upstream_unreachable'],
    ['context-length', 400, 'context_length_exceeded'],
    ['content-policy', 400, 'content_policy_violation'],
    ['invalid-request', 400, 'invalid_request_error'],
    ['interrupted', 502, 'upstream_stream_interrupted'],
  ];

  it.each(TABLE)('turns %s into %i %s', (kind, status, code) => {
    const error = toGatewayError(toFailure(kind, 'It said no.'));
    expect([error.status, error.toBody().error.code]).toEqual([status, code]);
    expect(error.message).toBe('It said no.');
    expect(schemas?.error(error.toBody()) ?? null).toBeNull();
  });

  it("keeps the provider's own code for a mistake of the client (4xx), and the param", () => {
    const rest = { status: 400, code: 'unsupported_value', param: 'temperature' };
    const { error } = toGatewayError(toFailure('invalid-request', 'No.', rest)).toBody();
    expect(error).toMatchObject({ type: 'invalid_request_error', code: 'unsupported_value', param: 'temperature' });
  });

  it('keeps 402 for insufficient_quota, under the one code', () => {
    const error = toGatewayError(toFailure('quota', 'Pay.', { status: 402, code: 'payment_required' }));
    expect([error.status, error.toBody().error.code]).toEqual([402, 'insufficient_quota']);
  });

  it('keeps Retry-After', () => {
    expect(toGatewayError(toFailure('rate-limited', 'Wait.', { retryAfterMs: 1500 })).retryAfterMs).toBe(1500);
  });
});
