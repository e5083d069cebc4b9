import { z } from 'zod'

/** The name of a variable in the daemon's environment that holds what is not to be written in a file. */
export const EnvironmentName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'Name an environment variable; never write a secret here.')
