"""Which of the goods that were sent are the goods that were received: a pairing of two lists. Pure: values in, values out.

What says more goes before what says less, each as often as it can be: the same serial number, then the same lot and quantity, then the same
quantity where one of the two names no lot. Where both name a serial number or a lot, and not the same, they are never one.
"""

import datetime as dt
from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from certifications.ledger.days import shifted

# Goods are sent before they arrive, but for a clerk's slip; what took longer than this is looked at.
EARLIER, LATER = dt.timedelta(days=3), dt.timedelta(days=31)


class Goods(NamedTuple):
    """One side's word: id, day, lot and serial number or "", how many."""

    id: str
    on: dt.date
    lot: str
    serial: str
    quantity: Decimal


# Whether a lot is named, and whether a serial number; and the day. Goods that are alike in these are alike for the pairing.
Node = tuple[bool, bool, dt.date]


def in_time(sent: dt.date, came: dt.date) -> bool:
    """Whether what was sent on the one day may have been received on the other."""
    return shifted(sent, -EARLIER) <= came <= shifted(sent, LATER)


def fits(sent: Goods, came: Goods) -> bool:
    """Whether the two may be the same goods: by serial number where both have one, else by lot and quantity, within the days."""
    if not in_time(sent.on, came.on):
        return False
    if sent.serial and came.serial:
        return sent.serial.upper() == came.serial.upper()
    lots = {sent.lot.casefold(), came.lot.casefold()} - {""}
    return len(lots) < 2 and sent.quantity == came.quantity  # noqa: PLR2004 - both say one, and not the same


def paired(sent: Sequence[Goods], came: Sequence[Goods]) -> dict[str, str]:
    """By id of what was received: the id of what was sent. Each at most once. Within what is alike, in the order of days and as given."""
    out, into = sorted(sent, key=lambda one: one.on), sorted(came, key=lambda one: one.on)
    pairs: dict[str, str] = {}
    for keys in (_by_serial, _by_lot, _by_quantity):
        used = set(pairs.values())
        left_out = _grouped((one for one in out if one.id not in used), keys)
        left_in = _grouped((one for one in into if one.id not in pairs), keys)
        for key in left_out.keys() & left_in.keys():
            pairs |= _most(left_out[key], left_in[key], by_serial=keys is _by_serial)
    return pairs


def _by_serial(one: Goods) -> Hashable:
    return one.serial.upper()


def _by_lot(one: Goods) -> Hashable:
    return (one.lot.casefold(), one.quantity) if one.lot else ""


def _by_quantity(one: Goods) -> Hashable:
    return one.quantity


def _grouped(goods: Iterable[Goods], keys: Callable[[Goods], Hashable]) -> dict[Hashable, list[Goods]]:
    """In groups of which each is paired by itself; without what has no such key."""
    found: defaultdict[Hashable, list[Goods]] = defaultdict(list)
    for one in goods:
        if key := keys(one):
            found[key].append(one)
    return found


def _most(sent: Sequence[Goods], came: Sequence[Goods], *, by_serial: bool) -> dict[str, str]:
    """As many pairs of a group as there can be."""
    lots = {one.lot.casefold() for one in (*sent, *came)}
    if by_serial:
        return dict(_in_turn(sent, came))
    # Of one lot in this group its name says nothing any more; of several, two that name one are not the same.
    several = len(lots - {""}) > 1 or (bool(lots - {""}) and "" in lots)
    out, into = _nodes(sent, lots=several), _nodes(came, lots=several)
    if len({node[:2] for node in out}) == len({node[:2] for node in into}) == 1:
        some, other = next(iter(out)), next(iter(into))
        return dict(_in_turn(sent, came)) if _may_be_one(some, other) else {}
    found: dict[str, str] = {}
    flow = _Flow({node: len(some) for node, some in out.items()}, {node: len(some) for node, some in into.items()})
    for (some, other), n in sorted(flow.given.items()):
        for _n in range(n):
            found[into[other].popleft().id] = out[some].popleft().id
    return found


def _in_turn(sent: Sequence[Goods], came: Sequence[Goods]) -> Iterator[tuple[str, str]]:
    """Of goods that differ by their days alone: the first with the first that is in time, which leaves the most for the next.

    Every span of days is of one length, so that whoever begins first ends first.
    """
    n = m = 0
    while n < len(sent) and m < len(came):
        if in_time(sent[n].on, came[m].on):
            yield came[m].id, sent[n].id
            n, m = n + 1, m + 1
        elif came[m].on < shifted(sent[n].on, -EARLIER):
            m += 1
        else:
            n += 1


def _nodes(goods: Iterable[Goods], *, lots: bool) -> dict[Node, deque[Goods]]:
    found: dict[Node, deque[Goods]] = {}
    for one in goods:
        found.setdefault((lots and bool(one.lot), bool(one.serial), one.on), deque()).append(one)
    return found


def _may_be_one(sent: Node, came: Node) -> bool:
    """Where both name a lot or a serial number, it is not the same: what is the same was paired before."""
    return not (sent[0] and came[0]) and not (sent[1] and came[1])


def _rare(one: Node) -> tuple[int, dt.date]:
    return -one[0] - one[1], one[2]


Step = tuple[bool, Node]  # whether it was received, and which


class _Flow:
    """How many of each node go with how many of each other so that the most go (Dinitz 1970): by rounds of the shortest ways on which more can.

    Nodes are days and not goods, so that ten thousand alike on one day cost what one does.
    """

    def __init__(self, sent: dict[Node, int], came: dict[Node, int]) -> None:
        self.left, self.room = sent, came
        self.goes = {one: [other for other in came if in_time(one[2], other[2]) and _may_be_one(one, other)] for one in sent}
        self.given: defaultdict[tuple[Node, Node], int] = defaultdict(int)
        self._taken: defaultdict[Node, set[Node]] = defaultdict(set)
        # First what has the fewest to go with: little is left to be mended.
        for one in sorted(sent, key=_rare):
            for other in sorted(self.goes[one], key=_rare):
                if n := min(self.left[one], self.room[other]):
                    self._give([one, other], n)
        while self._round():
            pass

    def _give(self, way: Sequence[Node], n: int) -> None:
        """So many of the first node go with the second, instead of so many of the third, which go with the fourth, and so on."""
        for i, (one, other) in enumerate(pairwise(way)):
            pair, more = ((one, other), n) if i % 2 == 0 else ((other, one), -n)
            self.given[pair] += more
            (self._taken[pair[1]].add if self.given[pair] else self._taken[pair[1]].discard)(pair[0])
        self.left[way[0]] -= n
        self.room[way[-1]] -= n

    def _round(self) -> bool:
        """Give more wherever it can go by one of the shortest ways; False when nothing can."""
        far, on = self._reached()
        moved = False
        for source in [node for (side, node), steps in far.items() if not side and not steps]:
            way: list[Step] = [(False, source)]
            while way and self.left[source]:
                side, node = way[-1]
                if side and self.room[node]:
                    nodes = [one for _side, one in way]
                    backward = (self.given[after, before] for before, after in list(pairwise(nodes))[1::2])
                    self._give(nodes, min(self.left[source], self.room[node], *backward))
                    way, moved = way[:1], True
                    continue
                nearer = (one for one in on[side, node] if far[not side, one] == far[side, node] + 1)
                following = next((one for one in nearer if not side or self.given[one, node]), None)
                if following is None:
                    way.pop()
                else:
                    way.append((not side, following))
        return moved

    def _reached(self) -> tuple[dict[Step, int], dict[Step, Iterator[Node]]]:
        """How many steps each node is from what is left, and where one can go on from it."""
        waiting: deque[Step] = deque((False, one) for one in sorted(self.goes) if self.left[one])
        far: dict[Step, int] = dict.fromkeys(waiting, 0)
        on: dict[Step, Iterator[Node]] = {}
        while waiting:
            side, node = waiting.popleft()
            following = sorted(self._taken[node]) if side else self.goes[node]
            on[side, node] = iter(following)
            for one in following:
                if (not side, one) not in far:
                    far[not side, one] = far[side, node] + 1
                    waiting.append((not side, one))
        return far, on
