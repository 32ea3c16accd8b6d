# Built here, run there: the second stage has neither the sources nor what it took to build them.
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/copy-graphiql.mjs ./scripts/
COPY src ./src
RUN npm run build && npm prune --omit=dev

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4000 WHATSAPP_AUTH_DIR=/data container=docker
WORKDIR /app
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json schema.graphql LICENSE ./
# Owned before it is a volume: an empty one takes over what it covers.
RUN install -d -m 700 -o 1000 -g 1000 /data
USER 1000:1000
EXPOSE 4000
# Alive, not ready: a database that is away is no reason to be killed.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/live`).then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# No shell and no init in between: the server itself is told to stop, and it starts no other process.
CMD ["node", "dist/main.js"]
