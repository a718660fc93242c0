import { z } from 'zod';

/** The name of a model. Names end up in headers, logs and metrics: they have no control characters. */
export const modelNameSchema = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, { error: 'expected a name without control characters' });
