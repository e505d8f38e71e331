// AssemblyScript's number types, for the files that both compilers read.

/** 32-bit signed integer. */
type i32 = number
/** 32-bit float. */
type f32 = number
/** 64-bit float, the same as a number. */
type f64 = number
