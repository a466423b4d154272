# One recipe for every image. SERVICE is the name of a folder below services/; or `stack`: all packages
# together, for the one-shot jobs; or `demo`: the same with both vendors simulated.
ARG PYTHON_VERSION=3.12

FROM python:${PYTHON_VERSION}-slim AS build
RUN python -m venv /opt/sconnect
ENV PATH=/opt/sconnect/bin:$PATH
WORKDIR /build
# The third-party packages change seldom: a layer of their own.
COPY requirements/runtime.txt requirements/
RUN pip install --no-cache-dir --require-hashes -r requirements/runtime.txt
COPY shared shared
COPY services services
COPY stack stack
COPY tests/simulators tests/simulators
ARG SERVICE
# No index and no isolation: no resolver ever sees the names of our own packages.
RUN case "$SERVICE" in \
        stack) packages="./shared ./services/* ./stack" ;; \
        demo) packages="./shared ./services/* ./stack ./tests/simulators" ;; \
        *) packages="./shared ./services/$SERVICE" ;; \
    esac \
    && pip install --no-cache-dir --no-deps --no-build-isolation --no-index $packages

FROM python:${PYTHON_VERSION}-slim
# A new volume takes over owner and mode of the folder it is mounted on.
RUN useradd --system --uid 10001 --user-group --home-dir /var/lib/sconnect sconnect \
    && install --directory --owner=sconnect --group=sconnect --mode=0700 /var/lib/sconnect/keys \
        /var/lib/sconnect/services/poller /var/lib/sconnect/services/customer-resolver \
        /var/lib/sconnect/services/booking-writer /var/lib/sconnect/services/console \
        /var/lib/sconnect/services/metrics \
    && install --directory --owner=sconnect --group=sconnect /run/passwords
COPY deploy/entrypoint.sh /usr/local/bin/sconnect-entrypoint
COPY --from=build /opt/sconnect /opt/sconnect
ARG SERVICE
ENV PATH=/opt/sconnect/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    SERVICE=${SERVICE}
USER 10001
WORKDIR /var/lib/sconnect
EXPOSE 8080
# Every service answers here in its container; 503 while it cannot do its work.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8080/health/ready', timeout=4)"]
ENTRYPOINT ["sconnect-entrypoint"]
