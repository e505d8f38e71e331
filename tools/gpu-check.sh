#!/bin/bash
# Measures Stable Diffusion 1.5 and SDXL with random weights on an NVIDIA card, on CUDA and on WebGPU, in at most ten minutes.
#
#   tools/gpu-check.sh prepare FOLDER   on a machine with a network: puts Node, the program and the CUDA libraries into FOLDER
#   tools/gpu-check.sh run FOLDER       on a Linux machine with a card, which needs no network and nothing installed but the driver
#
# The last line of "run" is one JSON object for docs/benchmarks.md. It exits with 1 where there is nothing to measure.
set -euo pipefail

readonly LIMIT_SECONDS=600

fail() {
  echo "gpu-check: $*" >&2
  exit 1
}

prepare() {
  local source
  source=$(cd "$(dirname "$0")/.." && pwd)
  [ -d "$source/node_modules/tsx" ] || fail "The dependencies are missing. Run npm install in $source first."
  mkdir -p "$FOLDER/program"
  cp "$(node -p process.execPath)" "$FOLDER/node"
  for name in package.json tsconfig.json src bench tools examples; do cp -r "$source/$name" "$FOLDER/program/"; done
  mkdir -p "$FOLDER/program/test"
  cp -r "$source/test/support" "$FOLDER/program/test/"
  cp -rL "$source/node_modules" "$FOLDER/program/"
  CUDA_FOLDER="$FOLDER/cuda" node --import "$source/node_modules/tsx/dist/loader.mjs" "$source/src/main.ts" setup cuda --without-card
  echo "Ready. Copy $FOLDER to the machine with the card ($(du -sh "$FOLDER" | cut -f1)), and run there:"
  echo "  FOLDER/program/tools/gpu-check.sh run FOLDER"
}

# The seconds that are left.
left() {
  echo $((LIMIT_SECONDS - SECONDS))
}

# The most memory of the first card that is used while a process runs, in MiB.
watch_memory() {
  local most=0 used
  while kill -0 "$1" 2>/dev/null; do
    used=$(nvidia-smi --query-gpu=memory.used --format=csv,noheader,nounits | head -1)
    [ "${used:-0}" -gt "$most" ] && most=$used
    sleep 0.5
  done
  echo "$most"
}

# One model on one device: a JSON object. What fails is named in it.
measure() {
  local model=$1 device=$2 output error pid memory figures
  output=$(mktemp)
  error=$(mktemp)
  [ "$(left)" -gt 20 ] || { echo "{\"model\":\"$model\",\"device\":\"$device\",\"error\":\"the ten minutes were over\"}"; return; }
  timeout "$(left)" "$FOLDER/node" --import "$PROGRAM/node_modules/tsx/dist/loader.mjs" "$PROGRAM/bench/main.ts" diffusion --brief --json \
    --model "$FOLDER/models/$model" --device "$device" --cuda "$FOLDER/cuda" >"$output" 2>"$error" &
  pid=$!
  memory=$(watch_memory $pid)
  if wait $pid; then
    figures=$(tail -1 "$output")
    echo "{\"model\":\"$model\",\"device\":\"$device\",\"gpuMiB\":$memory,\"figures\":$figures}"
  else
    "$FOLDER/node" -p 'JSON.stringify({ model: process.argv[1], device: process.argv[2], error: process.argv[3] })' \
      "$model" "$device" "$(grep -m1 'Error' "$error" || tail -1 "$error")"
  fi
  rm -f "$output" "$error"
}

run() {
  PROGRAM=$FOLDER/program
  [ -x "$FOLDER/node" ] && [ -d "$PROGRAM" ] || fail "$FOLDER is not prepared. Run tools/gpu-check.sh prepare $FOLDER on a machine with a network."
  command -v nvidia-smi >/dev/null || fail 'This machine has no NVIDIA card, or no driver: there is no nvidia-smi. Nothing was measured.'
  local card
  card=$(nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader | head -1) || fail 'nvidia-smi lists no card. Nothing was measured.'
  [ -n "$card" ] || fail 'nvidia-smi lists no card. Nothing was measured.'
  echo "$card" >&2
  local results=() model device
  for model in sd15 sdxl; do
    [ -d "$FOLDER/models/$model" ] || (cd "$PROGRAM" && "$FOLDER/node" --import ./node_modules/tsx/dist/loader.mjs tools/random-model.ts $model "$FOLDER/models/$model")
    for device in cuda webgpu; do
      echo "$model on $device, $(left) seconds left" >&2
      results+=("$(measure $model $device)")
    done
  done
  local joined
  joined=$(IFS=,; echo "${results[*]}")
  echo "{\"card\":\"$card\",\"seconds\":$SECONDS,\"results\":[$joined]}"
}

[ $# -eq 2 ] || fail 'Usage: tools/gpu-check.sh prepare|run FOLDER'
mkdir -p "$2"
FOLDER=$(cd "$2" && pwd)
case $1 in
  prepare) prepare ;;
  run) run ;;
  *) fail 'Usage: tools/gpu-check.sh prepare|run FOLDER' ;;
esac
