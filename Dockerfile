FROM python:3.13-slim AS build
WORKDIR /src
COPY . .
RUN python -m venv /opt/aiguille \
 && /opt/aiguille/bin/pip install --no-cache-dir -c constraints.txt ".[postgres]"

FROM python:3.13-slim
COPY --from=build /opt/aiguille /opt/aiguille
RUN useradd --system --create-home --home-dir /data aiguille
USER aiguille
ENV AIGUILLE_FOLDER=/data PATH=/opt/aiguille/bin:$PATH PYTHONUNBUFFERED=1
VOLUME /data
EXPOSE 8000
HEALTHCHECK CMD python -c "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/health', timeout=3)"
CMD ["sh", "-c", "aiguille init && exec aiguille serve --host 0.0.0.0 --port 8000"]
