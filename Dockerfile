# The steps of the first stage run one by one, without any engine, by deploy/docker-steps.sh.
FROM python:3.13-slim AS build
WORKDIR /src
COPY requirements.lock requirements-build.lock ./
RUN python -m venv /build
RUN /build/bin/pip install --no-cache-dir --require-hashes -r requirements-build.lock
RUN python -m venv --without-pip /opt/aiguille
RUN /build/bin/pip --python /opt/aiguille install --no-cache-dir --no-deps --require-hashes -r requirements.lock
COPY . .
RUN /build/bin/pip wheel --no-deps --no-build-isolation --no-index --wheel-dir /build/wheel .
RUN /build/bin/pip --python /opt/aiguille install --no-deps --no-index /build/wheel/aiguille-*.whl

FROM python:3.13-slim
COPY --from=build /opt/aiguille /opt/aiguille
RUN useradd --system --uid 10001 --create-home --home-dir /data aiguille
USER 10001
ENV AIGUILLE_FOLDER=/data PATH=/opt/aiguille/bin:$PATH PYTHONUNBUFFERED=1
# All that is ever written: the image runs with --read-only --tmpfs /tmp.
VOLUME /data
EXPOSE 8000
HEALTHCHECK --start-period=30s \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/health', timeout=3)"]
CMD ["sh", "-c", "aiguille init && exec aiguille serve --host 0.0.0.0 --port 8000"]
