"""Whether people pay the same for the same: the rate of each grade, and the means of groups (PIPL art. 24).

A policy gives reason for a rate by the segment and the grade, and by nothing else. Two tests follow.

1. Each line's rate is the rate of its grade in the policy that decided, to the last unit; each loan's is its line's.
2. Within a segment, the mean rates of two groups that no policy tells apart lie no further from each other than the
   means of the rates that their grades explain, by `GAP_MAX` of the lower. Groups of less than `GROUP_MIN` lines are
   left out: the mean of a few says nothing, and would tell of single people.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

GROUP_MIN = 30
GAP_MAX = Fraction(1, 100)


@dataclass(frozen=True, slots=True)
class Group:
    """Lines of one group of a segment. Sums are of daily rates in units of 1e-8: paid, and due by their grades."""

    segment: str
    kind: str
    name: str
    lines: int
    paid_sum: int
    due_sum: int

    @property
    def unexplained(self) -> Fraction:
        """How much more than their grades explain the group pays for each line, on the mean."""
        return Fraction(self.paid_sum - self.due_sum, self.lines)

    @property
    def mean(self) -> Fraction:
        """The mean daily rate."""
        return Fraction(self.paid_sum, self.lines)


def gaps(groups: Iterable[Group]) -> list[tuple[Group, Group]]:
    """Pairs of groups of one segment and kind whose means differ by more than their grades explain; the dearer first."""
    large = sorted(
        (group for group in groups if group.lines >= GROUP_MIN),
        key=lambda group: (group.segment, group.kind, group.name),
    )
    found = []
    for one, other in combinations(large, 2):
        if (one.segment, one.kind) != (other.segment, other.kind):
            continue
        dear, cheap = (one, other) if one.unexplained >= other.unexplained else (other, one)
        if dear.unexplained - cheap.unexplained > GAP_MAX * min(one.mean, other.mean):
            found.append((dear, cheap))
    return found
