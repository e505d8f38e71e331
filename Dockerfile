# docker build --target cpu -t overscan .            the bot and workers on the processor
# docker build --target cuda -t overscan:cuda .      workers on an NVIDIA card
#
# Run them with --init, as compose.yaml does: what a painting process leaves behind when it is killed is then cleared away.

FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build && npm prune --omit=dev
# It comes for every system at once.
RUN rm -r node_modules/onnxruntime-node/bin/napi-v6/darwin node_modules/onnxruntime-node/bin/napi-v6/win32

FROM node:24-bookworm-slim AS cpu
ENV NODE_ENV=production DATA_FOLDER=/data MODEL_FOLDER=/models OPERATOR_PORT=9090
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY examples/*.png ./examples/
# 1000 is the user "node". Both images can share the volumes.
RUN mkdir /data /models && chown 1000:1000 /data /models
USER 1000:1000
VOLUME /data /models
HEALTHCHECK --start-period=60s --interval=15s --timeout=10s CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.OPERATOR_PORT}/readyz`).then(a => process.exit(a.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--max-semi-space-size=1", "--v8-pool-size=1", "dist/main.js"]
CMD ["bot"]

# The CUDA libraries come from PyPI, as on any Linux machine. The driver comes from the host, with --gpus all.
FROM cpu AS cuda
ENV DEVICE=cuda CUDA_FOLDER=/opt/cuda NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility
USER root
RUN node dist/main.js setup cuda --without-card
USER 1000:1000
CMD ["worker"]
