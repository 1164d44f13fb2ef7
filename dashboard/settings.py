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
from dashboard.edge.forwarded import FAMILIES, X_FORWARDED
from dashboard.edge.policy import CONTENT_SECURITY_POLICY as CONTENT_SECURITY_POLICY  # noqa: PLC0414 - a setting
from dashboard.environment import (
    base_path,
    choice,
    names,
    networks,
    number,
    origins,
    refuse,
    refuse_contradictions,
    switch,
    text,
)
from dashboard.logs import configuration

BASE_DIR = Path(__file__).resolve().parent.parent

SECRET_KEY_MIN_LENGTH = 32  # characters; shorter ones can be searched
SWEEP_INTERVAL = 1.0  # seconds
SWEEP_EXPIRES = 5.0  # seconds; sweeps must not pile up while no worker runs
SWEEP_RETRY = {"max_retries": 1, "interval_start": 0, "interval_max": 0}
TIDY_INTERVAL = 3600.0  # seconds
SIGN_IN_COOL_OFF = timedelta(minutes=15)
SESSION_AGE = timedelta(days=7)  # after signing in, until it has to be done again
PASSWORD_LINK_AGE = timedelta(days=3)  # for which a link to set a password is good, if it is not used before
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
TRUSTED_PROXIES = networks("TRUSTED_PROXIES")
PROXY_HEADERS = choice("PROXY_HEADERS", X_FORWARDED, FAMILIES)
BASE_PATH = base_path("BASE_PATH")
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
if BEHIND_TLS:
    refuse_contradictions(debug=DEBUG, proxies=TRUSTED_PROXIES, trusted_origins=CSRF_TRUSTED_ORIGINS)

INSTALLED_APPS = [
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
    "dashboard.assets.Assets",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "dashboard.edge.requests.note_user",
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
FORCE_SCRIPT_NAME = BASE_PATH or None
STATIC_URL = f"{BASE_PATH}/static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "dashboard.assets.Storage"},
}
WHITENOISE_ALLOW_ALL_ORIGINS = False

AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "fleet"
LOGOUT_REDIRECT_URL = LOGIN_URL
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = SIGN_IN_COOL_OFF
# Both together: one address cannot lock a colleague out, one name cannot be tried from one address for ever.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "locked.html"
# The connection's own address: with a header that anybody can set, everybody would have endless tries.
AXES_CLIENT_IP_CALLABLE = "dashboard.views.access.client_address"
# It keeps what was posted with a failure: of the forms that ask for a password, never a password.
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "old_password", "new_password1", "new_password2"]

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
SESSION_COOKIE_NAME = "falsestart_session"
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = BASE_PATH or "/"
SESSION_COOKIE_AGE = int(SESSION_AGE.total_seconds())
PASSWORD_RESET_TIMEOUT = int(PASSWORD_LINK_AGE.total_seconds())
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SECURE_HSTS_SECONDS = HSTS_SECONDS if BEHIND_TLS else 0
# Scheme and client are what `dashboard.edge.proxies` believes; Django itself looks at no proxy's header.
SECURE_SSL_REDIRECT = BEHIND_TLS
# Asked from inside, past the proxy.
SECURE_REDIRECT_EXEMPT = [rf"^({BASE_PATH.lstrip('/')}/)?(healthz|readyz)$"]
# Whether the hosts below this one are on HTTPS too, and for how long, is not ours to say.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
X_FRAME_OPTIONS = "DENY"

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
    "tidy": {
        "task": "ingest.tidy",
        # Counted anew where beat's file is lost; any hour will do, but a day might never be over.
        "schedule": TIDY_INTERVAL,
        "options": {"expires": TIDY_INTERVAL},
    },
}

LOGGING = configuration(LOG_LEVEL, LOG_FORMAT)
