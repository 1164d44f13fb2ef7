"""Sessions of who is signed in, and what is kept of signing in: noted in, and forgotten in time."""

import hashlib
from datetime import datetime, timedelta

from axes.models import AccessAttempt, AccessLog
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.db import transaction

SENT = "forms_sent"  # in a session: the forms that were sent in it, newest last
MOST_SENT = 50  # remembered of a session
SIGN_INS_KEPT = timedelta(days=90)


def sent_before(session: SessionBase, token: str) -> bool:
    """Tell whether the form with this token was sent before in this session, and note that it now was.

    Every showing of a form carries its token against other sites in another disguise: what is posted with the
    same one is the same form. Noted within the caller's transaction, so that it is undone with what failed.
    """
    if not token or session.session_key is None:
        return False
    form = hashlib.sha256(token.encode()).hexdigest()
    with transaction.atomic():
        # Two clicks are two requests at once: the second waits here until the first has made its note.
        Session.objects.select_for_update().filter(pk=session.session_key).first()
        stored = type(session)(session.session_key)
        sent = stored.get(SENT, [])
        if form in sent:
            return True
        stored[SENT] = session[SENT] = [*sent, form][-MOST_SENT:]
        stored.save()
    return False


def forget(now: datetime) -> None:
    """Drop sessions that are over, wrong passwords that count no more, and sign-ins of long ago."""
    Session.objects.filter(expire_date__lt=now).delete()
    AccessAttempt.objects.filter(attempt_time__lt=now - settings.AXES_COOLOFF_TIME).delete()
    AccessLog.objects.filter(attempt_time__lt=now - SIGN_INS_KEPT).delete()
