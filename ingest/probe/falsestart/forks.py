"""Keeps every sender's thread out of encoding and network while the process forks.

What a thread holds inside the C library or the import system stays locked for ever in a forked child.
"""

import os
import weakref

from falsestart.sender import Sender

FORK_WAIT = 0.05  # seconds that a fork may be delayed by a request that is being sent

_senders: "weakref.WeakSet[Sender]" = weakref.WeakSet()
_held: list[Sender] = []  # kept from sending while a fork is under way


def watch(sender: Sender) -> None:
    """Hold this sender whenever the process forks."""
    _senders.add(sender)


def _before() -> None:
    _held.extend(sender for sender in list(_senders) if sender.hold(FORK_WAIT))


def _after_in_parent() -> None:
    while _held:
        _held.pop().release()


def _after_in_child() -> None:
    # These locks and threads are the parent's: nothing of them is touched, all is made anew.
    _held.clear()
    _senders.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_parent=_after_in_parent, after_in_child=_after_in_child)
