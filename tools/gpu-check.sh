#!/bin/bash
# Measures Stable Diffusion 1.5 and SDXL with random weights on an NVIDIA card, on CUDA and on WebGPU, in at most ten minutes: whole jobs with
# the part of their time outside onnxruntime and their memory; the UNet in halves; the autoencoder in half precision; and on WebGPU
# convolutions with zeros as further channels.
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

# One kind of measurement of one model on one device, in at most this many seconds: a JSON object. What fails is named in it.
measure() {
  local kind=$1 model=$2 device=$3 limit=$4 code=0 output error pid memory figures
  output=$(mktemp)
  error=$(mktemp)
  [ "$(left)" -ge "$limit" ] || limit=$(left)
  [ "$limit" -gt 20 ] || { failure "$kind" "$model" "$device" 'the ten minutes were over'; return; }
  timeout "$limit" "$FOLDER/node" --import "$PROGRAM/node_modules/tsx/dist/loader.mjs" "$PROGRAM/bench/main.ts" diffusion "--$kind" --json \
    --model "$FOLDER/models/$model" --device "$device" --cuda "$FOLDER/cuda" >"$output" 2>"$error" &
  pid=$!
  memory=$(watch_memory $pid)
  wait $pid || code=$?
  if [ $code -eq 0 ]; then
    figures=$(tail -1 "$output")
    echo "{\"kind\":\"$kind\",\"model\":\"$model\",\"device\":\"$device\",\"gpuMiB\":$memory,\"figures\":$figures}"
  elif [ $code -eq 124 ]; then
    failure "$kind" "$model" "$device" "it took longer than $limit seconds"
  else
    failure "$kind" "$model" "$device" "$(grep -m1 'Error' "$error" || tail -1 "$error")"
  fi
  rm -f "$output" "$error"
}

failure() {
  "$FOLDER/node" -p 'const [, kind, model, device, error] = process.argv; JSON.stringify({ kind, model, device, error })' "$@"
}

# A model with random weights. One that was not finished doesn't count.
make_model() {
  rm -rf "$FOLDER/models/$1.part"
  (cd "$PROGRAM" && "$FOLDER/node" --import ./node_modules/tsx/dist/loader.mjs tools/random-model.ts "$1" "$FOLDER/models/$1.part")
  mv "$FOLDER/models/$1.part" "$FOLDER/models/$1"
}

run() {
  PROGRAM=$FOLDER/program
  [ -x "$FOLDER/node" ] && [ -d "$PROGRAM" ] || fail "$FOLDER is not prepared. Run tools/gpu-check.sh prepare $FOLDER on a machine with a network."
  command -v nvidia-smi >/dev/null || fail 'This machine has no NVIDIA card, or no driver: there is no nvidia-smi. Nothing was measured.'
  local card
  card=$(nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader | head -1) || fail 'nvidia-smi lists no card. Nothing was measured.'
  [ -n "$card" ] || fail 'nvidia-smi lists no card. Nothing was measured.'
  echo "$card" >&2
  local results=() model kind device limit
  for model in sd15 sdxl; do
    [ -d "$FOLDER/models/$model" ] || make_model "$model"
  done
  # SDXL on WebGPU takes longest, and comes last.
  while read -r kind model device limit; do
    echo "$kind: $model on $device, $(left) seconds left" >&2
    results+=("$(measure "$kind" "$model" "$device" "$limit" </dev/null)")
  done <<'PLAN'
brief sd15 cuda 90
parts sd15 cuda 60
brief sdxl cuda 120
parts sdxl cuda 90
brief sd15 webgpu 90
parts sd15 webgpu 90
brief sdxl webgpu 600
PLAN
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
