# One image, the verb is its argument: serve, worker, migrate, ledger, witness, bureau-sim, payment-sim.
ARG BASE=python:3.11-slim

FROM ${BASE} AS install
COPY requirements/run.txt /install/run.txt
# The list is complete and each file is pinned by its hash, so nothing is resolved here.
RUN python -m venv --without-pip /opt/clearline \
    && python -m pip --python /opt/clearline/bin/python install \
        --no-cache-dir --no-deps --only-binary=:all: --require-hashes -r /install/run.txt

FROM ${BASE}
LABEL org.opencontainers.image.title="Clearline" \
      org.opencontainers.image.description="A consumer revolving credit line that asks the credit bureau in two cases only" \
      org.opencontainers.image.version="0.1.0"
ENV PATH=/opt/clearline/bin:$PATH \
    PYTHONPATH=/srv/clearline \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    CLEARLINE_HOME=/data \
    CLEARLINE_HOST=0.0.0.0 \
    CLEARLINE_PORT=8000
RUN groupadd --gid 10001 clearline \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin clearline \
    && install -d -o clearline -g clearline -m 0700 /data /public
COPY --from=install /opt/clearline /opt/clearline
WORKDIR /srv/clearline
# .dockerignore is an allow-list: app, models, ml, graphql, sims, witness, the receipt check, and the playground if it was built.
COPY . .
RUN python -m compileall -q app models ml sims witness
# Only /data is written, so the root may be mounted read-only.
VOLUME /data
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ['CLEARLINE_PORT'] + '/healthz', timeout=2)"]
ENTRYPOINT ["python", "-m", "app"]
CMD ["serve"]
