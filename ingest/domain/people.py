"""People: the roles they have, what each allows, and which of their acts are kept on record."""

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    """What somebody is to the product; each may do all that the ones before it may."""

    VIEWER = "viewer"  # Looks: every page, and the read API from a browser.
    RESPONDER = "responder"  # Also acts on what services do: sets contracts.
    ADMIN = "admin"  # Also says who may report, read and sign in.


class Right(StrEnum):
    """What one may be allowed to do; the words finish the sentence "this account may not …"."""

    READ = "read pages"  # Every page of what happened, and contracts.
    SET_CONTRACTS = "set contracts"  # For any service and environment.
    MANAGE_KEYS = "manage keys"  # See, make and revoke them.
    MANAGE_PEOPLE = "manage people"  # See, add and change them, and lift their locks.
    READ_AUDIT = "read the audit trail"  # Who did what.


class Act(StrEnum):
    """What is kept on record when somebody does it."""

    KEY_MADE = "key made"
    KEY_REVOKED = "key revoked"
    PERSON_ADDED = "person added"
    ROLE_CHANGED = "role changed"
    DEACTIVATED = "person deactivated"  # Signed out everywhere, and cannot sign in.
    REACTIVATED = "person reactivated"
    PASSWORD_RESET = "password reset"  # noqa: S105 - taken away; the person sets another by a link.
    PASSWORD_SET = "password set"  # noqa: S105 - by the person, from a link or on the account page.
    UNLOCKED = "sign-in unlocked"  # What too many wrong passwords had locked.
    CONTRACT_SET = "contract set"


LEAST: Mapping[Right, Role] = {
    Right.READ: Role.VIEWER,
    Right.SET_CONTRACTS: Role.RESPONDER,
    Right.MANAGE_KEYS: Role.ADMIN,
    Right.MANAGE_PEOPLE: Role.ADMIN,
    Right.READ_AUDIT: Role.ADMIN,
}  # The least role that has the right.

_ORDER = list(Role)


def may(role: Role | None, right: Right) -> bool:
    """Tell whether somebody of this role, None for none, may do that."""
    return role is not None and _ORDER.index(role) >= _ORDER.index(LEAST[right])
