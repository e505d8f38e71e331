# docker build --target cpu -t overscan .            the bot and workers on the processor
# docker build --target cuda -t overscan:cuda .      workers on an NVIDIA card

FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build && npm prune --omit=dev

FROM node:20-bookworm-slim AS cpu
ENV NODE_ENV=production DATA_FOLDER=/data OPERATOR_PORT=9090
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY examples/*.png ./examples/
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
HEALTHCHECK --start-period=60s CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.OPERATOR_PORT}/healthz`).then(a => process.exit(a.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/main.js"]
CMD ["bot"]

# The libraries of CUDA 12 and cuDNN 9 come with the image, those of onnxruntime by its own script.
FROM nvidia/cuda:12.8.1-cudnn-runtime-ubuntu24.04 AS cuda
ENV NODE_ENV=production DATA_FOLDER=/data OPERATOR_PORT=9090
WORKDIR /app
COPY --from=build /usr/local/bin/node /usr/local/bin/node
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
RUN node node_modules/onnxruntime-node/script/install.js --onnxruntime-node-install=cuda12
COPY --from=build /app/dist ./dist
COPY examples/*.png ./examples/
RUN useradd --create-home overscan && mkdir /data && chown overscan /data
USER overscan
VOLUME /data
HEALTHCHECK --start-period=60s CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.OPERATOR_PORT}/healthz`).then(a => process.exit(a.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/main.js"]
CMD ["worker"]
