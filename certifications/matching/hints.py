"""What the parts of a word mean: of a coined English one, and of a Chinese term. Must not know names, units or scores."""

from functools import lru_cache

from certifications.matching.lexicon import lexicon


@lru_cache(maxsize=100_000)
def inside(word: str) -> frozenset[str]:
    """What the parts of a coined word mean: Goldensea is golden and sea, Longertek something with technology."""
    forms = lexicon().phrases.forms
    best: frozenset[str] = frozenset()
    for cut in range(3, len(word) - 2):
        left, right = forms.get(word[:cut]), forms.get(word[cut:])
        head = left.concepts if left is not None and left.kind == "term" and cut > 3 else frozenset[str]()
        tail = right.concepts if right is not None and right.kind == "term" else frozenset[str]()
        if left is not None and left.kind == "term" and tail:
            return left.concepts | tail
        best = best or head | tail
    return best


@lru_cache(maxsize=100_000)
def parts(term: str) -> frozenset[str]:
    """What the words inside a Chinese term mean: 生物医药 is 生物 and 医药."""
    found = lexicon().han.forms
    inner = [found.get(term[i:j]) for i in range(len(term)) for j in range(i + 2, len(term) + 1) if j - i < len(term)]
    return frozenset(c for form in inner if form is not None and form.kind == "term" for c in form.concepts)
