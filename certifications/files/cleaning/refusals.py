"""Why a file cannot be made anew. Runs in the child."""


class Refused(Exception):
    """The message is a key of sandbox.SENTENCES."""
