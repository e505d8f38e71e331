/** The options of `overscan setup`. What is left out is asked at a terminal. */
export type SetupOptions = {
  readonly token?: string
  readonly tokenFile?: string
  readonly device?: string
  /** Whether to download the CUDA libraries. Undefined: where an NVIDIA card is found, unless somebody declines. */
  readonly cuda?: boolean
  readonly model?: string
  readonly upscaler?: string
  readonly dataFolder?: string
  readonly pagesPort?: string
  readonly publicUrl?: string
  /** The `.env` file to write. */
  readonly env: string
  /** The folder of the test picture. */
  readonly output: string
  readonly register: boolean
  readonly test: boolean
  /** Only print what would be written and downloaded. */
  readonly dryRun?: boolean
}
