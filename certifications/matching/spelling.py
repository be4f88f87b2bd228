"""How a name is spelled in plain Latin letters, so that names of several scripts can stand in one order."""

import re

from certifications.matching.readings import reading
from certifications.matching.text import normalise

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af]+")


def spelled(name: str) -> str:
    """Small letters and figures, Chinese by its pinyin without tones: 宁波江南医院 gives "ning bo jiang nan yi yuan"."""
    read = _HAN.sub(lambda run: f" {' '.join(reading(run.group()))} ", normalise(name))
    return " ".join(read.split())
