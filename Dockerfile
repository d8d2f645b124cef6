# The service, its client and the stand-in upstream, built with a static Swift standard library and
# run from a slim Debian by a user without rights.

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
# The build folder is a cache between builds, so the products have to leave it in the same step. They
# keep their symbols: a crash report names functions.
RUN --mount=type=cache,target=/build/.build-image,sharing=locked \
    mkdir /products \
    && for product in download-service download-client tardis-sandbox; do \
        swift build -c release --static-swift-stdlib --scratch-path .build-image \
            --product "$product" \
        && cp ".build-image/release/$product" /products/ || exit 1; \
    done

FROM debian:bookworm-slim
RUN apt-get update -qq \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        ca-certificates libcurl4 libisal2 libsqlite3-0 libstdc++6 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /products/ /usr/local/bin/
# Numeric, so that orchestrators can see that it is not root; setup.sh knows the number too.
RUN mkdir -p /app/data /app/datasets /app/logs && chown 10001:10001 /app/data /app/datasets /app/logs
USER 10001:10001
WORKDIR /app
VOLUME ["/app/data", "/app/datasets", "/app/logs"]
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["download-service", "healthcheck"]
CMD ["download-service"]
