"""Who acts, and what each role may do."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from certloan.errors import InputError, PermissionDeniedError

_LONGEST_NAME = 64


class Role(StrEnum):
    """The roles of the house. The bank decides; everybody else prepares, improves or checks."""

    OFFICER = "officer"
    RISK = "risk"
    ENTERPRISE = "enterprise"
    REGULATOR = "regulator"
    ADMIN = "admin"


class Permission(StrEnum):
    """An act that a service performs on somebody's behalf."""

    LOAD_EVIDENCE = "load_evidence"
    TRAIN = "train"
    VALIDATE = "validate"
    PROMOTE = "promote"
    SCORE = "score"
    READ_CASE = "read_case"
    PREVIEW = "preview"
    AUDIT = "audit"


_GRANTS: dict[Role, frozenset[Permission]] = {
    Role.OFFICER: frozenset({Permission.LOAD_EVIDENCE, Permission.SCORE, Permission.READ_CASE, Permission.PREVIEW}),
    Role.RISK: frozenset(
        {
            Permission.LOAD_EVIDENCE,
            Permission.TRAIN,
            Permission.VALIDATE,
            Permission.PROMOTE,
            Permission.SCORE,
            Permission.AUDIT,
        }
    ),
    Role.ENTERPRISE: frozenset({Permission.PREVIEW}),
    Role.REGULATOR: frozenset({Permission.VALIDATE, Permission.AUDIT, Permission.READ_CASE}),
    Role.ADMIN: frozenset(Permission),
}


@dataclass(frozen=True)
class Actor:
    """A person or a job, in one role."""

    name: str
    role: Role

    def require(self, permission: Permission, *others: Permission) -> None:
        """Refuse the act unless the role grants it, or one of ``others`` that allows it as well.

        >>> Actor("李", Role.OFFICER).require(Permission.SCORE)
        >>> Actor("王", Role.ENTERPRISE).require(Permission.TRAIN)
        Traceback (most recent call last):
            ...
        certloan.errors.PermissionDeniedError: role-not-allowed (role='enterprise', act='train')
        """
        if _GRANTS[self.role].isdisjoint({permission, *others}):
            raise PermissionDeniedError("role-not-allowed", role=str(self.role), act=str(permission))


def person(name: str) -> str:
    """Give a person's name as it is recorded; ``operator-name`` when it is empty, too long or cannot be printed.

    >>> person("  Li  Na ")
    'Li Na'
    """
    told = " ".join(unicodedata.normalize("NFKC", name).split())
    if not told or len(told) > _LONGEST_NAME or not told.isprintable():
        raise InputError("operator-name", found=ascii(name)[:_LONGEST_NAME], expected=_LONGEST_NAME)
    return told


def same_person(one: str, other: str) -> bool:
    """Tell whether two names mean one person, however they are typed: by width and case nobody becomes another.

    >>> same_person("Li  Na", "li na"), same_person("李娜", "李 娜")
    (True, False)
    """
    return person(one).casefold() == person(other).casefold()
