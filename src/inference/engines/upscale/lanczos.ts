/** The built-in upscaler, which needs no model. */
export const LANCZOS = 'lanczos'
