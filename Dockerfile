# The product for a deployment with a PostgreSQL and a Redis of its own: no compiler, no test tools, no root.
FROM python:3.13-slim AS build
COPY .docker/requirements.txt .
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --require-hashes --only-binary=:all: -r requirements.txt \
 && /venv/bin/pip uninstall --yes pip

FROM python:3.13-slim
RUN useradd --system --uid 10001 --no-create-home falsestart \
 && install --directory --owner=falsestart --mode=0700 /state
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 FALSESTART_HOME=/state
WORKDIR /app
COPY --from=build /venv /venv
COPY manage.py ./
COPY ingest ingest
COPY dashboard dashboard
RUN python -m compileall -q ingest dashboard
USER falsestart
EXPOSE 8011
CMD ["python", "-m", "daphne", "--bind", "0.0.0.0", "--port", "8011", "--no-server-name", "--verbosity", "0", \
     "dashboard.asgi:application"]
