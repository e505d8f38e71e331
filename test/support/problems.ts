import { type Problem, UserError } from '../../src/user-error.js'

/** The problem that `action` throws, or undefined if it throws nothing; any other error goes on. */
export function problemOf(action: () => unknown): Problem | undefined {
  try {
    action()
    return undefined
  } catch (error) {
    if (error instanceof UserError) return error.problem
    throw error
  }
}

/** The problem that `promise` is rejected with, or undefined if it is not; any other error goes on. */
export async function problemIn(promise: Promise<unknown>): Promise<Problem | undefined> {
  try {
    await promise
    return undefined
  } catch (error) {
    if (error instanceof UserError) return error.problem
    throw error
  }
}
