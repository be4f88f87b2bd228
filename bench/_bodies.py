"""The tables over the project's own labelled names (tests/matching/sets.py), for bench/matching.py. Asserts nothing."""

from collections import defaultdict

from certifications.matching import build_index, classify, match
from tests.matching import sets

FALSE_POSITIVES = 0.01


def print_bodies() -> None:
    """Recall on the bureaux of Xinjiang and Tibet, and exact answers of the classifier, by half and by kind of name."""
    index = build_index(sets.bureaux())
    print(f"\nbureaux of Xinjiang and Tibet ({len(index)} names of {len(sets.bureaux())} bureaux)")
    print(f"{'half':12s} {'names':>6s} {'others':>7s} {'recall@1':>9s} {'at 1 % FP':>10s}")
    groups: defaultdict[str, list[bool]] = defaultdict(list)
    for half in (False, True):
        answers = [(q, (match(q.name, index, 1) or [None])[0]) for q in sets.bodies() if sets.held_out(q.name) is half]
        wrong = sorted((best.score if best else 0.0 for q, best in answers if not q.truth), reverse=True)
        limit = wrong[int(FALSE_POSITIVES * len(wrong))]
        scores = [(q, best.score if best and best.id == q.truth else -1.0) for q, best in answers if q.truth]
        for query, score in scores:
            groups[query.group].append(score > limit)
        share = [sum(s > floor for _, s in scores) / len(scores) for floor in (0.0, limit)]
        print(f"{'held out' if half else 'development':12s} {len(scores):6d} {len(wrong):7d} {share[0]:9.3f} {share[1]:10.3f}")
    print("by way of writing: " + ", ".join(f"{group} {sum(hits)}/{len(hits)}" for group, hits in sorted(groups.items())))
    print(f"\nclass and division, both exact\n{'half':12s} {'names':>6s} {'exact':>9s}")
    for half in (False, True):
        names = [n for n in sets.classes() if sets.held_out(n.name) is half]
        found = [classify(n.name) for n in names]
        exact = [set(c.classes) == n.classes and set(c.divisions) == n.divisions for n, c in zip(names, found, strict=True)]
        print(f"{'held out' if half else 'development':12s} {len(names):6d} {sum(exact) / len(names):9.3f}")


if __name__ == "__main__":
    print_bodies()
