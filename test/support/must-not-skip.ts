/**
 * Whether a test that lacks something on this machine (photos, a server, a browser) fails instead of being skipped with a
 * warning. Set by `OVERSCAN_REQUIRE_SHARED=1`, not by `CI`, which GitHub sets by itself.
 */
export const mustNotSkip = process.env.OVERSCAN_REQUIRE_SHARED === '1'
