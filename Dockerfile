# The bridge over HTTP as an unprivileged user. Usage: docs/DOCKER.md

FROM node:20-bookworm-slim AS build
WORKDIR /app
# --ignore-scripts: the package's own prepare step needs the sources, which come next; nothing else needs one.
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
# What .dockerignore lets through: sources and what builds them.
COPY . .
RUN npm run build && rm dist/*.map
# Optional to npm are the native parts of SQLite and of password hashing, one package a platform: they are needed. What speeds ssh2 up a
# little would need a compiler and is not built. The base image has glibc. All else is in dist/ already.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
    && rm -rf node_modules/@libsql/*-musl node_modules/nan node_modules/cpu-features node_modules/buildcheck

# Not the image of Node.js: that brings npm and yarn, which nothing runs here.
FROM debian:bookworm-slim
ENV NODE_ENV=production \
    SSH_MCP_MODE=http \
    SSH_MCP_HOST=0.0.0.0 \
    SSH_MCP_PORT=8080 \
    SSH_MCP_CONFIG=/etc/ssh-mcp-bridge/config.yaml \
    XDG_STATE_HOME=/var/lib
WORKDIR /app
COPY --from=build /usr/local/bin/node /usr/local/bin/node
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
# State is the only thing that is written: audit, sessions, trusted host keys.
RUN groupadd --gid 1000 bridge \
    && useradd --uid 1000 --gid bridge --home-dir /var/lib/ssh-mcp-bridge --no-create-home --shell /usr/sbin/nologin bridge \
    && ln -s /app/dist/main.js /usr/local/bin/ssh-mcp-bridge \
    && install -d -o bridge -g bridge -m 0700 /var/lib/ssh-mcp-bridge
# A number, so that Kubernetes can check runAsNonRoot. It is the user `bridge`.
USER 1000:1000
VOLUME /var/lib/ssh-mcp-bridge
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 \
    CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.SSH_MCP_PORT}/health`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["ssh-mcp-bridge"]
CMD ["serve"]
