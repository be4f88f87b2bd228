"""A person's role ends: what only that person held goes back at once to everybody who may go on with it."""

from django.db import transaction

from certifications.flags.actions import assign
from certifications.flags.models import Case
from certifications.people import actions as people
from certifications.people.models import Membership, User
from certifications.people.permissions import Permission, may


def end_role(*, membership: Membership, by: User) -> int:
    """End the role and the person's sessions; open cases of one who may no longer decide go back to the queue. Returns how many.

    Raises NotAllowed (organisation, stale_state, last).
    """
    with transaction.atomic():
        people.end_membership(membership=membership, by=by)
        # Asked of the record: the roles that the object in hand remembers are those before the end.
        if may(User.objects.get(pk=membership.user_id), Permission.DECIDE_CASES):
            return 0
        held = list(Case.objects.select_for_update().filter(owner=membership.user_id).exclude(status=Case.Status.CLOSED).order_by("pk"))
        for case in held:
            assign(case=case, by=by, to=None)
        return len(held)
