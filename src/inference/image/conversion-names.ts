/** What reading a picture leaves out: further frames or pages, bits beyond 8 per channel, colors outside sRGB. */
export const CONVERSIONS = ['first-frame', 'first-page', '8-bit', 'srgb'] as const
export type Conversion = (typeof CONVERSIONS)[number]
