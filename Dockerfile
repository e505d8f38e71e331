# docker build --target cpu -t overscan .            the bot and workers on the processor
# docker build --target cuda -t overscan:cuda .      workers on an NVIDIA card
#
# Run them with --init, as compose.yaml does: what a painting process leaves behind when it is killed is then cleared away.

FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build && npm prune --omit=dev
# It comes for every system at once.
RUN rm -r node_modules/onnxruntime-node/bin/napi-v6/darwin node_modules/onnxruntime-node/bin/napi-v6/win32

FROM node:20-bookworm-slim AS cpu
ENV NODE_ENV=production DATA_FOLDER=/data MODEL_FOLDER=/models OPERATOR_PORT=9090
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY examples/*.png ./examples/
# 1000 is the user "node" here and "ubuntu" below: both images can share the volumes.
RUN mkdir /data /models && chown 1000:1000 /data /models
USER 1000:1000
VOLUME /data /models
HEALTHCHECK --start-period=60s --interval=15s --timeout=10s CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.OPERATOR_PORT}/readyz`).then(a => process.exit(a.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--max-semi-space-size=1", "--v8-pool-size=1", "dist/main.js"]
CMD ["bot"]

# The libraries of CUDA 12 and cuDNN 9 come with the image; onnxruntime's own script fetches its part for CUDA.
FROM nvidia/cuda:12.8.1-cudnn-runtime-ubuntu24.04 AS cuda
ENV NODE_ENV=production DATA_FOLDER=/data MODEL_FOLDER=/models OPERATOR_PORT=9090 DEVICE=cuda
WORKDIR /app
COPY --from=build /usr/local/bin/node /usr/local/bin/node
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
RUN ONNXRUNTIME_NODE_INSTALL=true node node_modules/onnxruntime-node/script/install.js
COPY --from=build /app/dist ./dist
COPY examples/*.png ./examples/
RUN mkdir /data /models && chown 1000:1000 /data /models
USER 1000:1000
VOLUME /data /models
HEALTHCHECK --start-period=60s --interval=15s --timeout=10s CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.OPERATOR_PORT}/readyz`).then(a => process.exit(a.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--max-semi-space-size=1", "--v8-pool-size=1", "dist/main.js"]
CMD ["worker"]
