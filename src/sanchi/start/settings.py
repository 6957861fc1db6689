"""What Django has to know about one installation.

Enters: SANCHI_HOME, SANCHI_DATABASE_URL, SANCHI_SECRET_KEY. Leaves: settings. Nothing is written here.
"""

import os
from pathlib import Path

from django.core.management.utils import get_random_secret_key

from sanchi.edge.store.database_url import database_settings
from sanchi.edge.store.home import SECRET_FILE_NAME

SANCHI_HOME = Path(os.environ.get("SANCHI_HOME") or "sanchi-home").resolve()

DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
ROOT_URLCONF = "sanchi.start.web"


def _secret_key() -> str:
    """Give the key from the environment, else the home's own, else one for this process alone.

    The pages are read-only and sign nothing, so a key that lasts no longer than the process harms nobody.
    """
    secret_file = SANCHI_HOME / SECRET_FILE_NAME
    kept_key = secret_file.read_text().strip() if secret_file.is_file() else ""
    return os.environ.get("SANCHI_SECRET_KEY") or kept_key or get_random_secret_key()


SECRET_KEY = _secret_key()

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.staticfiles",
    "sanchi.edge.store",
    "sanchi.edge.portal",
]
AUTH_USER_MODEL = "store.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": database_settings(os.environ.get("SANCHI_DATABASE_URL", ""), SANCHI_HOME)}

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]

LANGUAGE_CODE = "en"
LANGUAGES = [("ja", "日本語"), ("en", "English")]
USE_TZ = True
TIME_ZONE = "Asia/Tokyo"

STATIC_URL = "static/"
# Files are served from the package itself: an installed package needs no step that collects them.
WHITENOISE_USE_FINDERS = True
