"""Django's settings. What an operator may set comes from dockerui/env.py; docs/settings.md explains it."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from dockerui import env

ROOT = Path(__file__).resolve().parent.parent

if _unknown := env.unknown():
    raise env.BadSetting(f"Unknown settings: {', '.join(_unknown)}. docs/settings.md lists those that exist.")

DATA = env.folder("DOCKERUI_DATA", ROOT / "var")
DOCKERUI_ENGINE = env.engine("DOCKERUI_ENGINE")
DOCKERUI_HELPER_IMAGE = env.text("DOCKERUI_HELPER_IMAGE")
DOCKERUI_URL = env.origin("DOCKERUI_URL")
DOCKERUI_TRUSTED_PROXIES = env.networks("DOCKERUI_TRUSTED_PROXIES")
_secure = env.flag("DOCKERUI_SECURE")
SECURE = DOCKERUI_URL.startswith("https:") if _secure is None else _secure
DEBUG = bool(env.flag("DOCKERUI_DEBUG"))
SECRET_KEY = env.secret("DOCKERUI_SECRET_KEY", DATA / "secret.key")

# The names that were given. When none was, any: a stranger's first `make run` may be opened under whatever
# name the machine has. That opens no door to DNS rebinding: a cookie of ours never goes to another name, and
# websockets compare their Origin with the Host.
_names = [*filter(None, [urlsplit(DOCKERUI_URL).hostname]), *env.words("DOCKERUI_HOSTS")]
ALLOWED_HOSTS = [*_names, "localhost", "127.0.0.1", "[::1]"] if _names else ["*"]
CSRF_TRUSTED_ORIGINS = [DOCKERUI_URL] if DOCKERUI_URL else []

INSTALLED_APPS = [
    "daphne",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "channels",
    "django_htmx",
    "csp",
    "axes",
    "dockerui.accounts",
    "dockerui.audit",
    "dockerui.jobs",
    "dockerui.registries",
    "dockerui.serve",
    "dockerui.web",
]

MIDDLEWARE = [
    "dockerui.web.middleware.RequestIdMiddleware",
    "dockerui.web.proxies.ProxyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "dockerui.web.middleware.HeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "dockerui.web.middleware.SessionLimitsMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "dockerui.web.errors.ErrorMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "dockerui.urls"
ASGI_APPLICATION = "dockerui.asgi.application"
APPEND_SLASH = False

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "dockerui.web.context.shell",
            ],
            "loaders": [
                ("django.template.loaders.cached.Loader", ["django.template.loaders.filesystem.Loader"]),
            ],
        },
    }
]

DATABASES = {"default": env.database("DOCKERUI_DATABASE_URL", DATA / "dockerui.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

_redis = env.redis("DOCKERUI_REDIS_URL")
CHANNEL_LAYERS = {
    "default": {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {"hosts": [_redis]}}
    if _redis
    else {"BACKEND": "channels.layers.InMemoryChannelLayer"}
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"

SESSION_ENGINE = "django.contrib.sessions.backends.db"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # no cookie of its own
DOCKERUI_SESSION_IDLE = env.number("DOCKERUI_SESSION_IDLE", 60)
DOCKERUI_SESSION_MAX = env.number("DOCKERUI_SESSION_MAX", 60)
SESSION_COOKIE_AGE = DOCKERUI_SESSION_MAX
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_NAME = "__Host-dockerui" if SECURE else "dockerui"
CSRF_COOKIE_NAME = "__Host-dockerui-csrf" if SECURE else "dockerui-csrf"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
# Not in a cookie, as by default: that would go to every other port of our host name (security rule R8).
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_FAILURE_VIEW = "dockerui.web.errors.csrf_failure"

AXES_FAILURE_LIMIT = env.number("DOCKERUI_LOCKOUT_FAILURES", 1)
AXES_COOLOFF_TIME = env.number("DOCKERUI_LOCKOUT_SECONDS", 1) / 3600
# Both together: a stranger who guesses must not be able to keep the person out who knows the password.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "dockerui.web.proxies.client_address"
AXES_DISABLE_ACCESS_LOG = True  # logins are in the audit log
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_HTTP_RESPONSE_CODE = 429
AXES_LOCKOUT_CALLABLE = "dockerui.web.views.accounts.locked_out"

SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if DOCKERUI_TRUSTED_PROXIES else None
SECURE_CONTENT_TYPE_NOSNIFF = True
# Not no-referrer: with that browsers send `Origin: null` with our own forms, which the CSRF check refuses.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
_SELF = ["'self'"]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": _SELF,
        "style-src": _SELF,
        "img-src": _SELF,
        "font-src": _SELF,
        "connect-src": _SELF,
        "worker-src": _SELF,
        "base-uri": ["'none'"],
        "form-action": _SELF,
        "frame-ancestors": ["'none'"],
    }
}

STATIC_URL = "static/"
STATIC_ROOT = DATA / "static"
STATIC_ROOT.mkdir(exist_ok=True)
STATICFILES_DIRS = [ROOT / "static"]
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "dockerui.web.assets.Assets"
    },
}
# Names with Django's hash, and esbuild's chunks and workers, which carry one of their own.
WHITENOISE_IMMUTABLE_FILE_TEST = r"(\.[0-9a-f]{12}\.[a-z0-9]+|-[0-9A-Z]{8}\.js)$"
WHITENOISE_ALLOW_ALL_ORIGINS = False

DATA_UPLOAD_MAX_MEMORY_SIZE = 4 << 20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
LANGUAGE_CODE = "en"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "dockerui.logs.LineFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "dockerui": {"level": "INFO"},
        # Its messages hold paths, which may hold tokens; our error pages log what is needed.
        "django.request": {"handlers": ["console"], "level": "CRITICAL", "propagate": False},
        "django.security": {"handlers": ["console"], "level": "CRITICAL", "propagate": False},
        "axes": {"level": "ERROR"},
    },
}
