"""Argon2 at a cost measured for this product: Django's default takes 100 MiB for each log-in."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """46 MiB, two passes, one lane (OWASP's first recommendation)."""

    time_cost = 2
    memory_cost = 47_104
    parallelism = 1
