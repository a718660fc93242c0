# docker build -t sluice .
#
# In a container the gateway has to listen on 0.0.0.0, and without keys for its clients it refuses to: anybody who
# reaches the port could spend your money. Give it a configuration with auth.keys, beside your models.yaml:
#
#   docker run -p 8080:8080 -e TEAM_A_KEY=… -e OPENAI_API_KEY=… \
#     -v ./config:/app/config:ro -v sluice-data:/app/data sluice
#
# To try it without keys, let it share the host's loopback interface (Linux):
#
#   docker run --network host -e HOST=127.0.0.1 sluice

# The version that package.json pins for every other start. By version and not by digest: whoever builds for one platform
# may pin the digest that `docker buildx imagetools inspect` shows them.
FROM node:24.21.0-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# No package runs code of its own here: the image brings the runtime that the one install script would fetch.
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
COPY console ./console
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM node:24.21.0-slim
WORKDIR /app
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json ./
COPY config ./config
# The database. A volume that is new takes its owner from here; a directory of the host has to belong to user 1000.
RUN mkdir data && chown node:node data
VOLUME /app/data
USER node
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/ready`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# The program itself handles SIGTERM: it lets calls in flight end. Give it time with `docker stop -t 35`.
CMD ["node", "dist/main.js"]
