# The front end is built in a stage of its own; the image that runs has Python and the application only.
FROM node:22-bookworm-slim AS frontend
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --no-audit --no-fund
COPY frontend frontend
RUN npm run --silent build

FROM python:3.12-slim-bookworm
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DOCKERUI_DATA=/data
WORKDIR /app
COPY requirements/base.txt requirements/
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements/base.txt
COPY manage.py LICENSE ./
COPY dockerui dockerui
COPY templates templates
COPY --from=frontend /src/static static
# An ordinary user: the socket's group is added when the container is started (docker-compose.yml).
RUN python -m compileall -q dockerui \
 && useradd --uid 10001 --home-dir /data --shell /usr/sbin/nologin dockerui \
 && install -d -o dockerui -g dockerui -m 0700 /data
USER dockerui
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s \
  CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["python", "manage.py", "serve", "--host", "0.0.0.0", "--port", "8000"]
