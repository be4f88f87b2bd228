"""Papers and pictures of people who must not be known by them: made anew, with what is seen on them and nothing else.

`clean` runs the work in a child process without rights. Everything else in this folder runs in that child alone.
"""

from .sandbox import SENTENCES as SENTENCES
from .sandbox import Cleaned as Cleaned
from .sandbox import Unclean as Unclean
from .sandbox import clean as clean
