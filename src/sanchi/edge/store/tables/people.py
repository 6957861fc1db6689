"""The people who will sign in.

Enter and leave: rows. Not here: what they may do.
"""

from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """A person with an account; our own from the first migration, for it can hardly be changed later."""
