/**
 * Parse JSON as Python's `json` module writes it, with `Infinity`, `-Infinity` and `NaN`. diffusers writes
 * `"lambda_min_clipped": -Infinity` into scheduler configs.
 *
 * @returns NaN becomes null
 * @throws SyntaxError
 */
export function parsePythonJson(text: string): unknown {
  return JSON.parse(text.replace(STRING_OR_CONSTANT, token => CONSTANTS[token] ?? token))
}

/** Strings are matched so that words inside them stay as they are. */
const STRING_OR_CONSTANT = /"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/gs

/** Numbers beyond the range of doubles are parsed as infinite. */
const CONSTANTS: Readonly<Record<string, string>> = { Infinity: '1e999', '-Infinity': '-1e999', NaN: 'null' }
