"""Writes CLIP's merges, from open_clip's package (MIT), as the data file of src/inference/engines/diffusion/prompt.

pip install --no-deps open_clip_torch
python tools/reference/clip_merges.py
"""

import gzip
from importlib.util import find_spec
from pathlib import Path

TARGET = Path(__file__).parents[2] / "src/inference/engines/diffusion/prompt/clip-merges.ts"
SOURCE = Path(find_spec("open_clip").origin).with_name("bpe_simple_vocab_16e6.txt.gz")

# The file has more merges than the vocabulary of CLIP: 49,408 tokens less 512 of single bytes and 2 special ones.
COUNT = 49408 - 512 - 2

lines = gzip.decompress(SOURCE.read_bytes()).decode().split("\n")[1 : COUNT + 1]
escaped = "\n".join(lines).replace("\\", "\\\\").replace("`", "\\`").replace("${", "\\${")
TARGET.write_text(
    "// Written by tools/reference/clip_merges.py.\n\n"
    "/** The pairs that CLIP's byte pair encoding merges, in their order: one a line. */\n"
    f"export const CLIP_MERGES = `{escaped}`\n"
)
