# The service and its client, built with a static Swift standard library and run from a slim Debian
# by a user without rights. Further stages: `demo` with the stand-in upstream, and `symbols`, what
# turns the addresses of a crash into names (make symbols).

FROM swift:6.3-bookworm AS build
RUN apt-get update -qq \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        libsqlite3-dev libcurl4-openssl-dev libisal-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /build
# Dependencies change rarely: a layer of their own.
COPY Package.swift ./
RUN swift package resolve
COPY Sources Sources
COPY Tests Tests
# The build folder is a cache between builds, so the products have to leave it in the same step.
RUN --mount=type=cache,target=/build/.build-image,sharing=locked \
    mkdir /products /symbols \
    && for product in download-service download-client tardis-sandbox; do \
        swift build -c release --static-swift-stdlib --scratch-path .build-image \
            --product "$product" \
        && objcopy --only-keep-debug --compress-debug-sections \
            ".build-image/release/$product" "/symbols/$product.debug" \
        && objcopy --strip-all --add-gnu-debuglink="/symbols/$product.debug" \
            ".build-image/release/$product" "/products/$product" || exit 1; \
    done

# docker build --target symbols -o FOLDER . (make symbols)
FROM scratch AS symbols
COPY --from=build /symbols/ /

FROM debian:bookworm-slim AS service
RUN apt-get update -qq \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        ca-certificates libcurl4 libisal2 libsqlite3-0 libstdc++6 \
    && rm -rf /var/lib/apt/lists/* \
    && find / -xdev -type f -perm /6000 -exec chmod a-s {} +
COPY --from=build /products/download-service /products/download-client /usr/local/bin/
# Numeric, so that orchestrators can see that it is not root; .make/deployment.sh knows the number
# too. The service finds its .env where docker-compose.yml mounts the folder that holds it.
RUN mkdir -p /app/data/backups /app/datasets /app/logs /app/settings \
    && chown -R 10001:10001 /app/data /app/datasets /app/logs \
    && ln -s settings/.env /app/.env
USER 10001:10001
WORKDIR /app
VOLUME ["/app/data", "/app/datasets", "/app/logs"]
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["download-service", "healthcheck"]
CMD ["download-service"]

FROM service AS demo
COPY --from=build /products/tardis-sandbox /usr/local/bin/

# What is built unless another stage is asked for.
FROM service
