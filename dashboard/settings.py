"""Every setting of the product, read from the environment and from nowhere else.

Without `DATABASE_URL` and `REDIS_URL` the product runs *embedded*: SQLite and a Redis-compatible server
that `manage.py up` starts, with all state in `FALSESTART_HOME`. A value that cannot be right is refused
with a sentence; the sentence never repeats a value that may hold a secret.
"""

import os
import secrets
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from dashboard import stores
from dashboard.environment import choice, names, number, origins, refuse, switch, text
from dashboard.logs import configuration

BASE_DIR = Path(__file__).resolve().parent.parent

SECRET_KEY_MIN_LENGTH = 32  # characters; shorter ones can be searched
SWEEP_INTERVAL = 1.0  # seconds
SWEEP_EXPIRES = 5.0  # seconds; sweeps must not pile up while no worker runs
SWEEP_RETRY = {"max_retries": 1, "interval_start": 0, "interval_max": 0}
SIGN_IN_COOL_OFF = timedelta(minutes=15)
HSTS_SECONDS = 31_536_000  # one year

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
LOG_FORMATS = ("text", "json")
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")


def state_directory() -> Path:
    """The state directory, created so that only its owner can look into it."""
    home = Path(text("FALSESTART_HOME", str(BASE_DIR / ".falsestart"))).expanduser().absolute()
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        writable = os.access(home, os.W_OK | os.X_OK)
    except OSError:
        writable = False
    if not writable:
        refuse("FALSESTART_HOME", "cannot be written", "a directory of the account that runs the product")
    return home


def kept_secret(path: Path) -> str:
    """The secret kept in a file that only its owner can read; made up at first use."""
    if not path.exists():
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        # A link is made whole or not at all: of two processes that start at once, both read the first one's.
        with suppress(FileExistsError):
            path.hardlink_to(draft)
        draft.unlink()
    return path.read_text().strip()


def secret_key(embedded: bool, home: Path) -> str:
    """The signing key: given, or in the embedded mode generated once and kept."""
    value = text("SECRET_KEY")
    accepted = f"at least {SECRET_KEY_MIN_LENGTH} random characters"
    if not value and not embedded:
        refuse("SECRET_KEY", "is not set although DATABASE_URL or REDIS_URL is", accepted)
    if value and len(value) < SECRET_KEY_MIN_LENGTH:
        refuse("SECRET_KEY", f"has {len(value)} characters", accepted)
    return value or kept_secret(home / "secret_key")


def redis_address(home: Path) -> str:
    """Where Redis is: given, or where the supervisor of this state directory started its own."""
    kept = home / "redis.url"
    return text("REDIS_URL") or (kept.read_text().strip() if kept.is_file() else "redis://127.0.0.1:6379/0")


FALSESTART_HOME = state_directory()
EMBEDDED = not text("DATABASE_URL") and not text("REDIS_URL")
EMBEDDED_REDIS = not text("REDIS_URL")
HOST = text("HOST", "127.0.0.1")
PORT = number("PORT", 8011, 1, 65_535)
DEBUG = switch("DEBUG")
BEHIND_TLS = switch("BEHIND_TLS")
LOG_LEVEL = choice("LOG_LEVEL", "INFO", LOG_LEVELS)
LOG_FORMAT = choice("LOG_FORMAT", "text", LOG_FORMATS)
WORKER_THREADS = number("WORKER_THREADS", 2, 1, 64)

SECRET_KEY = secret_key(EMBEDDED, FALSESTART_HOME)
REDIS = stores.redis(redis_address(FALSESTART_HOME), text("REDIS_SENTINEL_PASSWORD"))
BROKER = stores.broker(text("BROKER_URL"), REDIS)
DATABASES = {
    "default": stores.database(text("DATABASE_URL"), FALSESTART_HOME, number("DATABASE_POOL_SIZE", 8, 1, 100))
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ALLOWED_HOSTS = names("ALLOWED_HOSTS", LOOPBACK_NAMES)
CSRF_TRUSTED_ORIGINS = origins("CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "axes",
    "csp",
    "ninja",
    "ingest.apps.IngestConfig",
    "dashboard.apps.DashboardConfig",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
ROOT_URLCONF = "dashboard.urls"
ASGI_APPLICATION = "dashboard.asgi.application"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
STATIC_URL = "/static/"
# Served from where they lie: no collecting step that an embedded installation could forget.
WHITENOISE_USE_FINDERS = True

AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = LOGIN_URL
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = SIGN_IN_COOL_OFF
# Both together: one address cannot lock a colleague out, one name cannot be tried from one address for ever.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "locked.html"

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
SESSION_COOKIE_NAME = "falsestart_session"
SECURE_HSTS_SECONDS = HSTS_SECONDS if BEHIND_TLS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        # The hash is that of an empty <style> element: Plotly creates one and fills it through the DOM.
        "style-src-elem": ["'self'", "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"],
        # Plotly sizes its charts with style attributes; no attribute of ours is inline.
        "style-src-attr": ["'unsafe-inline'"],
        "connect-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    },
}

CHANNEL_LAYERS = {
    "default": {
        # The core layer holds a connection for every socket and runs out of them at a hundred viewers.
        "BACKEND": "dashboard.consumers.layer.PatientLayer",
        "CONFIG": {"hosts": [REDIS.channel_host()], "prefix": "falsestart"},
    },
}

CELERY_BROKER_URL = BROKER.url
CELERY_BROKER_TRANSPORT_OPTIONS = BROKER.options
CELERY_BROKER_USE_SSL = BROKER.tls or False
CELERY_BROKER_HEARTBEAT = stores.AMQP_HEARTBEAT
CELERY_BROKER_CONNECTION_TIMEOUT = stores.BROKER_TIMEOUT
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
# Acknowledged when a task starts, and none is held in reserve: whatever the worker still owes Redis when the
# connection breaks ends it with an AttributeError in kombu. A killed worker's task is found by the sweep.
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_DISABLE_PREFETCH = BROKER.is_redis  # RabbitMQ knows no such thing
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(FALSESTART_HOME / "beat")
CELERY_BEAT_SCHEDULE = {
    "sweep": {
        "task": "ingest.sweep",
        "schedule": SWEEP_INTERVAL,
        # Beat keeps one connection; only a publisher that tries again makes a new one when it breaks.
        "options": {"expires": SWEEP_EXPIRES, "retry": True, "retry_policy": SWEEP_RETRY},
    },
}

LOGGING = configuration(LOG_LEVEL, LOG_FORMAT)
