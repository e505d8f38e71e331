/** The names of environment variables that Node, the system's loader and the drivers read. On Windows their case varies. */
const NAMES = [
  'PATH',
  'HOME',
  'LANG',
  'LC_ALL',
  'TZ',
  // Temporary files and caches.
  'TMPDIR',
  'TEMP',
  'TMP',
  'NODE_COMPILE_CACHE',
  'NODE_OPTIONS',
  'UV_THREADPOOL_SIZE',
  // Windows finds its own libraries and DirectML by these.
  'SYSTEMROOT',
  'SYSTEMDRIVE',
  'WINDIR',
  'USERPROFILE',
  'APPDATA',
  'LOCALAPPDATA',
  'PROGRAMDATA',
  'PROGRAMFILES',
  'NUMBER_OF_PROCESSORS',
  'PROCESSOR_ARCHITECTURE',
  // The loader of shared libraries.
  'LD_LIBRARY_PATH',
  'LD_PRELOAD',
  'DYLD_LIBRARY_PATH',
  'DYLD_FALLBACK_LIBRARY_PATH',
  // WebGPU looks for a display.
  'DISPLAY',
  'WAYLAND_DISPLAY',
  'DRI_PRIME',
] as const

/** How the names of settings of CUDA, Vulkan, Mesa, OpenMP, malloc, libvips and of the folders of a desktop begin. */
const PREFIXES = ['CUDA_', 'CUDNN_', 'NVIDIA_', 'VK_', 'MESA_', 'RADV_', 'OMP_', 'MALLOC_', 'VIPS_', 'XDG_'] as const

/**
 * The environment of a child process that paints, or makes a database: only what it needs, so that a fault in native code can't reach
 * the bot's token or the passwords of the database.
 */
export function childEnvironment(environment: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => {
      const upper = name.toUpperCase()
      return NAMES.some(one => one === upper) || PREFIXES.some(prefix => upper.startsWith(prefix))
    }),
  )
}
