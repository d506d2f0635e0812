# The bridge over HTTP as an unprivileged user. Usage: docs/DOCKER.md

FROM node:20-bookworm-slim AS build
WORKDIR /app
# --ignore-scripts: the package's own prepare step needs the sources, which come next; nothing else needs one.
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY scripts scripts
COPY src src
RUN npm run build

FROM node:20-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
# Optional packages speed ssh2 up a little and need a compiler; the bridge does without.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM node:20-bookworm-slim
ENV NODE_ENV=production \
    SSH_MCP_MODE=http \
    SSH_MCP_HOST=0.0.0.0 \
    SSH_MCP_PORT=8080 \
    SSH_MCP_CONFIG=/etc/ssh-mcp-bridge/config.yaml \
    XDG_STATE_HOME=/var/lib
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
# State is the only thing that is written: audit, sessions, trusted host keys.
RUN ln -s /app/dist/main.js /usr/local/bin/ssh-mcp-bridge \
    && install -d -o node -g node -m 0700 /var/lib/ssh-mcp-bridge
# A number, so that Kubernetes can check runAsNonRoot. It is the user `node` of the base image.
USER 1000:1000
VOLUME /var/lib/ssh-mcp-bridge
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 \
    CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.SSH_MCP_PORT}/health`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["ssh-mcp-bridge"]
CMD ["serve"]
