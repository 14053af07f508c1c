# One image for every role and for both simulators; what a container does is its command and ROLES.

FROM node:20-bookworm-slim AS build
WORKDIR /build
# The dependencies change less often than the sources: they keep a layer of their own.
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY nest-cli.json tsconfig.json ./
COPY src ./src
COPY projections ./projections
RUN npm run build && npm prune --omit=dev

FROM node:20-bookworm-slim AS runtime
ENV NODE_ENV=production \
    HTTP_HOST=0.0.0.0 \
    HTTP_PORT=3000 \
    DATA_DIR=/var/lib/surereach
WORKDIR /app
# Without DATABASE_URL the embedded PostgreSQL keeps its cluster here; with it nothing is written.
RUN install -d -o node -g node -m 0700 /var/lib/surereach
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/dist ./dist
COPY package.json LICENSE ./
# The sources belong to root: the service cannot change its own code.
USER node
VOLUME /var/lib/surereach
EXPOSE 3000
# Alive, not ready: a service that waits for its SMSC must not be restarted for it.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.HTTP_PORT}/health/live`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# Node itself is process 1 and gets SIGTERM: no npm, no shell in between.
CMD ["node", "dist/src/main.js"]
